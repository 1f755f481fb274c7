import { type FlannelPlan } from "../plan/podNetwork";
import { cniVersion } from "../plan/podNetwork/flannel";
import { agentPods, agentRights, type NodeAgent } from "./nodeAgent";
import { toYaml } from "./yaml";

/** Bytes VXLAN adds to every packet. */
const vxlanOverhead = 50;
/** What a CVM's interface carries. */
const hostMtu = 1500;

const namespace = "kube-flannel";
const name = "flannel";
const labels = { app: name };

/**
 * Template that containerd writes the pod network's configuration from, once the node has its range: a bridge with the
 * node's range on it. flannel only routes between nodes, so no plugin of its own is needed. It has to be in place before
 * the kubelet first learns that range. Holds Go's template syntax, which JSON carries unchanged.
 */
export function renderCniTemplate(): string {
  const network = {
    cniVersion,
    name,
    plugins: [
      {
        type: "bridge",
        bridge: "cni0",
        isGateway: true,
        // flannel masquerades what leaves the cluster, and that alone.
        ipMasq: false,
        // A pod may reach itself through its Service.
        hairpinMode: true,
        mtu: hostMtu - vxlanOverhead,
        ipam: {
          type: "host-local",
          ranges: [[{ subnet: "{{.PodCIDR}}" }]],
          routes: [{ dst: "0.0.0.0/0" }],
        },
      },
      { type: "portmap", capabilities: { portMappings: true } },
    ],
  };
  return `${JSON.stringify(network, null, 2)}\n`;
}

/** flannel as manifests: its rights, its configuration and one pod on every node. */
export function renderFlannel(plan: FlannelPlan): string {
  const agent = flanneld(plan);
  return toYaml(
    {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: {
        name: namespace,
        // It programs the node's network.
        labels: { "pod-security.kubernetes.io/enforce": "privileged" },
      },
    },
    ...agentRights(agent),
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name, namespace, labels },
      data: { "net-conf.json": networkConfiguration(plan) },
    },
    agentPods(agent),
  );
}

function networkConfiguration({ podCidr, rules }: FlannelPlan): string {
  return JSON.stringify({
    Network: podCidr,
    EnableNFTables: rules === "nftables",
    Backend: { Type: "vxlan" },
  });
}

/** Without it a node keeps the routes it has, so all may be replaced a few at a time. */
function flanneld({ image, networkInterface }: FlannelPlan): NodeAgent {
  const field = (fieldPath: string) => ({ valueFrom: { fieldRef: { fieldPath } } });
  const health = { host: "127.0.0.1", path: "/healthz", port: 8471 };
  return {
    ...{ name, namespace },
    rules: [
      { apiGroups: [""], resources: ["nodes"], verbs: ["get", "list", "watch"] },
      { apiGroups: [""], resources: ["nodes/status"], verbs: ["patch"] },
    ],
    pod: {
      containers: [
        {
          name,
          image,
          command: ["/opt/bin/flanneld"],
          args: [
            "--ip-masq",
            "--kube-subnet-mgr",
            `--iface=${networkInterface}`,
            "--healthz-ip=127.0.0.1",
            "--healthz-port=8471",
          ],
          // It starts before kube-proxy has made a way to the API. With the node's name it goes on trying to watch nodes for ten
          // minutes; without, it asks for its own pod first, once, and ends when there is no answer.
          env: [{ name: "NODE_NAME", ...field("spec.nodeName") }],
          resources: { requests: { cpu: "50m", memory: "50Mi" } },
          securityContext: { capabilities: { add: ["NET_ADMIN", "NET_RAW"] } },
          // It says that it is well only once it has the nodes.
          startupProbe: { httpGet: health, periodSeconds: 10, failureThreshold: 60 },
          livenessProbe: { httpGet: health },
          volumeMounts: [
            { name: "run", mountPath: "/run/flannel" },
            { name: "configuration", mountPath: "/etc/kube-flannel", readOnly: true },
            { name: "xtables-lock", mountPath: "/run/xtables.lock" },
          ],
        },
      ],
      volumes: [
        { name: "run", hostPath: { path: "/run/flannel", type: "DirectoryOrCreate" } },
        { name: "configuration", configMap: { name } },
        {
          name: "xtables-lock",
          hostPath: { path: "/run/xtables.lock", type: "FileOrCreate" },
        },
      ],
    },
  };
}
