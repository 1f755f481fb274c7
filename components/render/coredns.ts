import { type ClusterPlan } from "../plan/cluster";
import { imageOf } from "../plan/images";
import { toYaml } from "./yaml";

const namespace = "kube-system";
const name = "coredns";
/** What the Service, and everybody who looks for the DNS server, knows its pods by. */
const labels = { "k8s-app": "kube-dns" };

/** Seconds that a DNS server stays bound to a node that is gone: names are asked for by everybody. */
const evictionSeconds = 30;

/** Two, on two machines: the death of one leaves names that resolve. */
const replicas = 2;

/** The cluster's DNS server as manifests, but for its configuration ({@link renderCorefile}). */
export function renderCoredns(plan: Pick<ClusterPlan, "config" | "network">): string {
  const meta = { name, namespace, labels };
  return toYaml(
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace } },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: "system:coredns" },
      rules: [
        {
          apiGroups: [""],
          resources: ["endpoints", "services", "pods", "namespaces"],
          verbs: ["list", "watch"],
        },
        {
          apiGroups: ["discovery.k8s.io"],
          resources: ["endpointslices"],
          verbs: ["list", "watch"],
        },
      ],
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: "system:coredns" },
      roleRef: {
        apiGroup: "rbac.authorization.k8s.io",
        kind: "ClusterRole",
        name: "system:coredns",
      },
      subjects: [{ kind: "ServiceAccount", name, namespace }],
    },
    deployment(plan),
    {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: meta,
      spec: { maxUnavailable: 1, selector: { matchLabels: labels } },
    },
    service(plan),
  );
}

/** Its configuration: names of the cluster from the API, all others from the node's own name servers. */
export function renderCorefile({ network }: Pick<ClusterPlan, "network">): string {
  const Corefile = `.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes ${network.clusterDomain} in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30
    loop
    reload
    loadbalance
}
`;
  return toYaml({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace },
    data: { Corefile },
  });
}

function deployment({ config }: Pick<ClusterPlan, "config">): object {
  const gone = (key: string) => ({
    key: `node.kubernetes.io/${key}`,
    operator: "Exists",
    effect: "NoExecute",
    tolerationSeconds: evictionSeconds,
  });
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace, labels },
    spec: {
      replicas,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1 } },
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: name,
          priorityClassName: "system-cluster-critical",
          nodeSelector: { "kubernetes.io/os": "linux" },
          // There are two masters or more, and it may run on each, so the second server waits for another machine rather than share one.
          affinity: {
            podAntiAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: [
                { labelSelector: { matchLabels: labels }, topologyKey: "kubernetes.io/hostname" },
              ],
            },
          },
          tolerations: [
            { key: "CriticalAddonsOnly", operator: "Exists" },
            { key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" },
            gone("not-ready"),
            gone("unreachable"),
          ],
          // Its own names come from the node, not from itself.
          dnsPolicy: "Default",
          containers: [container(imageOf(config, "coredns"))],
          volumes: [
            {
              name: "config-volume",
              configMap: { name, items: [{ key: "Corefile", path: "Corefile" }] },
            },
          ],
        },
      },
    },
  };
}

function container(image: string): object {
  const port = (portName: string, containerPort: number, protocol = "TCP") => ({
    ...{ name: portName, containerPort, protocol },
  });
  return {
    name,
    image,
    imagePullPolicy: "IfNotPresent",
    args: ["-conf", "/etc/coredns/Corefile"],
    resources: { requests: { cpu: "100m", memory: "70Mi" }, limits: { memory: "170Mi" } },
    ports: [port("dns", 53, "UDP"), port("dns-tcp", 53), port("metrics", 9153)],
    livenessProbe: {
      httpGet: { path: "/health", port: 8080 },
      initialDelaySeconds: 60,
      timeoutSeconds: 5,
      failureThreshold: 5,
    },
    readinessProbe: { httpGet: { path: "/ready", port: 8181 } },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { add: ["NET_BIND_SERVICE"], drop: ["ALL"] },
      readOnlyRootFilesystem: true,
    },
    volumeMounts: [{ name: "config-volume", mountPath: "/etc/coredns", readOnly: true }],
  };
}

function service({ network }: Pick<ClusterPlan, "network">): object {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      name: "kube-dns",
      namespace,
      labels: {
        ...labels,
        "kubernetes.io/cluster-service": "true",
        "kubernetes.io/name": "CoreDNS",
      },
      annotations: { "prometheus.io/port": "9153", "prometheus.io/scrape": "true" },
    },
    spec: {
      clusterIP: network.dnsServiceAddress,
      selector: labels,
      ports: [
        { name: "dns", port: 53, targetPort: 53, protocol: "UDP" },
        { name: "dns-tcp", port: 53, targetPort: 53, protocol: "TCP" },
        { name: "metrics", port: 9153, targetPort: 9153, protocol: "TCP" },
      ],
    },
  };
}
