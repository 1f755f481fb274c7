import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { addonImages, ClusterAddons, type ClusterAddonsArgs } from "../../../addons";
import { renderKubeconfig } from "../../../components/kubeconfig";
import { clusterIdentity } from "../../../components/render/clusterAccess";
import { record, type Registered, settled } from "../components/support/recording";

const kubeconfig = renderKubeconfig({
  cluster: "prod",
  server: "https://api.prod.internal:6443",
  authority: "AUTHORITY",
  user: "kubernetes-admin",
  client: { crt: "CERTIFICATE", key: "KEY" },
});
const proxy = "socks5://127.0.0.1:1080";
const metricsServer = { version: "v0.9.0" };

async function made(args: Partial<ClusterAddonsArgs>): Promise<Registered[]> {
  const registered = await record();
  new ClusterAddons("prod", { kubeconfig, ...args });
  await settled(registered);
  return registered;
}

const only = (registered: Registered[], kind: string): Registered => {
  const found = registered.filter(({ type }) => type.endsWith(`:${kind}`));
  expect(found).toHaveLength(1);
  return found[0] as Registered;
};
/** Kinds and names of what is made in the cluster. */
const objects = (registered: Registered[]): string[] =>
  registered
    .filter(({ type }) => type.startsWith("kubernetes:"))
    .map(({ inputs }) => `${String(inputs.kind)} ${(inputs.metadata as { name: string }).name}`)
    .sort();
const provider = (registered: Registered[]) =>
  registered.find(({ type }) => type === "pulumi:providers:kubernetes") as Registered;

test("what is not asked for is not there: a provider alone", async () => {
  const registered = await made({});
  expect(registered.map(({ type }) => type)).toEqual([
    "kubernetes-ha:addons:ClusterAddons",
    "pulumi:providers:kubernetes",
  ]);
});

test("metrics-server is these objects, and no others", async () => {
  expect(objects(await made({ metricsServer }))).toEqual([
    "APIService v1beta1.metrics.k8s.io",
    "ClusterRole system:aggregated-metrics-reader",
    "ClusterRole system:metrics-server",
    "ClusterRoleBinding metrics-server:system:auth-delegator",
    "ClusterRoleBinding system:metrics-server",
    "Deployment metrics-server",
    "PodDisruptionBudget metrics-server",
    "RoleBinding metrics-server-auth-reader",
    "Service metrics-server",
    "ServiceAccount metrics-server",
  ]);
});

describe("the way to the cluster", () => {
  test("is a secret, and leads through the proxy", async () => {
    const { inputs, secretInputs } = provider(await made({ proxy }));
    expect(secretInputs).toEqual(["kubeconfig"]);
    const { clusters } = parse(String(inputs.kubeconfig)) as {
      clusters: { cluster: Record<string, string> }[];
    };
    expect(clusters[0]?.cluster).toMatchObject({
      server: "https://api.prod.internal:6443",
      "proxy-url": proxy,
    });
  });

  test("is the kubeconfig as it is without a proxy", async () => {
    expect(provider(await made({})).inputs.kubeconfig).toBe(kubeconfig);
  });

  test("may be another one: the cluster is known by its name and its authority", async () => {
    const identity = async (args: Partial<ClusterAddonsArgs>) =>
      provider(await made(args)).inputs.clusterIdentifier;
    const known = await identity({});
    expect(known).toBe(clusterIdentity(kubeconfig));
    expect(known).toMatch(/^prod-[0-9a-f]{16}$/);
    expect(await identity({ proxy })).toBe(known);
    const anew = kubeconfig.replace(/(certificate-authority-data: )\S+/, "$1T1RIRVI=");
    expect(await identity({ kubeconfig: anew })).not.toBe(known);
  });

  test("may be known only once the cluster is up, and be no secret by itself", async () => {
    const { inputs, secretInputs } = provider(
      await made({ kubeconfig: pulumi.output(kubeconfig) }),
    );
    expect(inputs.kubeconfig).toBe(kubeconfig);
    expect(secretInputs).toEqual(["kubeconfig"]);
  });
});

describe("metrics-server", () => {
  interface PodSpec {
    containers: [Record<string, unknown>];
    topologySpreadConstraints: { topologyKey: string; whenUnsatisfiable: string }[];
  }
  const podSpec = (registered: Registered[]): PodSpec =>
    (only(registered, "Deployment").inputs.spec as { template: { spec: PodSpec } }).template.spec;

  test("is two pods that are not on one node, of the project's own image", async () => {
    const registered = await made({ metricsServer });
    expect(only(registered, "Deployment").inputs.spec).toMatchObject({ replicas: 2 });
    const { containers, topologySpreadConstraints: spread } = podSpec(registered);
    expect(
      spread.map(({ topologyKey, whenUnsatisfiable }) => [topologyKey, whenUnsatisfiable]),
    ).toEqual([
      ["kubernetes.io/hostname", "DoNotSchedule"],
      ["topology.kubernetes.io/zone", "ScheduleAnyway"],
    ]);
    expect(containers).toMatchObject([
      {
        image: "registry.k8s.io/metrics-server/metrics-server:v0.9.0",
        resources: { requests: { cpu: "100m", memory: "200Mi" } },
        securityContext: { runAsNonRoot: true, readOnlyRootFilesystem: true },
      },
    ]);
  });

  test("takes its options, and its image from a mirror", async () => {
    const options = { version: "0.9.1", replicas: 3, cpu: "400m", memory: "800Mi" };
    const imageRepository = "registry.example.com/kubernetes-ha";
    const registered = await made({ imageRepository, metricsServer: options });
    expect(only(registered, "Deployment").inputs.spec).toMatchObject({ replicas: 3 });
    expect(podSpec(registered).containers).toMatchObject([
      {
        image: "registry.example.com/kubernetes-ha/metrics-server:v0.9.1",
        resources: { requests: { cpu: "400m", memory: "800Mi" } },
      },
    ]);
  });

  test("may read metrics, nodes and pods, and change nothing", async () => {
    const registered = await made({ metricsServer });
    const roles = registered.filter(({ type }) => type.endsWith(":ClusterRole"));
    const verbs = roles.flatMap(({ inputs }) =>
      (inputs.rules as { verbs: string[] }[]).flatMap((rule) => rule.verbs),
    );
    expect([...new Set(verbs)].sort()).toEqual(["get", "list", "watch"]);
  });
});

describe("the ingress controller", () => {
  const ingress = { version: "v3.6.12" };

  test("is these objects, and no others", async () => {
    expect(objects(await made({ ingress }))).toEqual([
      "ClusterRole traefik",
      "ClusterRoleBinding traefik",
      "DaemonSet traefik",
      "IngressClass traefik",
      "Namespace traefik",
      "Service traefik",
      "ServiceAccount traefik",
    ]);
  });

  const nodePorts = async (options: object): Promise<unknown> => {
    const { spec } = only(await made({ ingress: { ...ingress, ...options } }), "Service").inputs;
    const { externalTrafficPolicy: policy, ports } = spec as {
      externalTrafficPolicy: string;
      ports: { nodePort: number }[];
    };
    return [policy, ...ports.map((port) => port.nodePort)];
  };

  test("is served at two ports of every worker that has a pod, which are the stack's to choose", async () => {
    expect(await nodePorts({})).toEqual(["Local", 31080, 31443]);
    expect(await nodePorts({ httpNodePort: 30001, httpsNodePort: 30002 })).toEqual([
      "Local",
      30001,
      30002,
    ]);
  });

  interface DaemonSetSpec {
    updateStrategy: object;
    template: { spec: { securityContext: object; containers: [Container] } };
  }
  interface Container {
    image: string;
    args: string[];
    securityContext: object;
  }
  const daemonSet = async (args: Partial<ClusterAddonsArgs>): Promise<DaemonSetSpec> =>
    only(await made(args), "DaemonSet").inputs.spec as DaemonSetSpec;
  const container = async (args: Partial<ClusterAddonsArgs>): Promise<Container> =>
    (await daemonSet(args)).template.spec.containers[0];

  test("pulls its image from its project, or from a mirror", async () => {
    expect(await container({ ingress })).toMatchObject({
      image: "docker.io/library/traefik:v3.6.12",
    });
    const imageRepository = "registry.example.com/kubernetes-ha";
    expect(await container({ ingress, imageRepository })).toMatchObject({
      image: `${imageRepository}/traefik:v3.6.12`,
    });
  });

  test("serves Ingresses of its class alone, and tells nobody of itself", async () => {
    const { args } = await container({ ingress });
    expect(args).toEqual(
      expect.arrayContaining([
        "--providers.kubernetesingress.ingressclass=traefik",
        "--global.checknewversion=false",
        "--global.sendanonymoususage=false",
      ]) as unknown,
    );
  });

  test("says of Ingresses the address that it is told, if any", async () => {
    const flag = "--providers.kubernetesingress.ingressendpoint.ip=";
    const { args } = await container({ ingress });
    expect(args.filter((arg) => arg.startsWith(flag))).toEqual([]);
    const told = await container({ ingress: { ...ingress, address: pulumi.output("10.20.1.10") } });
    expect(told.args).toContain(`${flag}10.20.1.10`);
  });

  test("no worker is without a pod while another release comes", async () => {
    expect((await daemonSet({ ingress })).updateStrategy).toEqual({
      type: "RollingUpdate",
      rollingUpdate: { maxSurge: 1, maxUnavailable: 0 },
    });
  });

  test("writes nothing in the cluster but the addresses of Ingresses", async () => {
    const { rules } = only(await made({ ingress }), "ClusterRole").inputs as {
      rules: { resources: string[]; verbs: string[] }[];
    };
    const reads = ["get", "list", "watch"];
    const writes = rules.filter(({ verbs }) => verbs.some((verb) => !reads.includes(verb)));
    expect(writes).toMatchObject([{ resources: ["ingresses/status"], verbs: ["update"] }]);
  });

  test("is confined, as the strictest standard of pods has it", async () => {
    const { template } = await daemonSet({ ingress });
    expect(template.spec.securityContext).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
    });
    expect(template.spec.containers[0].securityContext).toEqual({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      readOnlyRootFilesystem: true,
    });
  });
});

test("images are listed as their projects publish them, for a mirror to have", () => {
  expect(addonImages({ metricsServer })).toEqual([
    "registry.k8s.io/metrics-server/metrics-server:v0.9.0",
  ]);
  expect(addonImages({ metricsServer, ingress: { version: "v3.6.12" } }).slice(1)).toEqual([
    "docker.io/library/traefik:v3.6.12",
  ]);
  expect(addonImages({})).toEqual([]);
});

test("what has to be said is asked for by the compiler, and so is what there is not", () => {
  const given: ClusterAddonsArgs[] = [
    { kubeconfig: pulumi.output(kubeconfig), metricsServer },
    // @ts-expect-error the cluster's kubeconfig
    { metricsServer },
    // @ts-expect-error the release, which the stack pins
    { kubeconfig, metricsServer: {} },
    // @ts-expect-error there is no such add-on
    { kubeconfig, gateway: {} },
  ];
  expect(given).toHaveLength(4);
});

describe("bad arguments are told all at once, before anything is made", () => {
  test.each<[string, object, string]>([
    [
      "no kubeconfig",
      {},
      "kubeconfig: is missing. Set it to the output kubeconfig of the cluster's stack.",
    ],
    [
      "a proxy of another kind",
      { kubeconfig, proxy: "ftp://proxy" },
      'proxy: got "ftp://proxy". Use the URL of a proxy, socks5, http or https, such as socks5://127.0.0.1:1080.',
    ],
    [
      "an add-on that there is not",
      { kubeconfig, metricServer: {} },
      "metricServer: there is no such setting. Did you mean metricsServer.",
    ],
    [
      "no release",
      { kubeconfig, metricsServer: {} },
      "metricsServer.version: is missing. Set it to what it is to run; newest known: v0.9.0.",
    ],
    [
      "no pods",
      { kubeconfig, metricsServer: { ...metricsServer, replicas: 0 } },
      "metricsServer.replicas: got 0. Use a number of at least 1.",
    ],
    [
      "a port that no Service may have on nodes",
      { kubeconfig, ingress: { version: "v3.6.12", httpNodePort: 80 } },
      "ingress.httpNodePort: got 80. Use a number of at least 30000.",
    ],
    [
      "an amount without a unit",
      { kubeconfig, metricsServer: { ...metricsServer, memory: "200" } },
      'metricsServer.memory: got "200". Use an amount of memory, such as 200Mi.',
    ],
  ])("%s", (_, args, said) => {
    expect(() => new ClusterAddons("prod", args as ClusterAddonsArgs)).toThrow(
      `ClusterAddons has 1 problem:\n  1. ${said}`,
    );
  });

  test("credentials of a proxy are not told", () => {
    const bad = { kubeconfig, proxy: "ftp://me:secret@proxy" } as ClusterAddonsArgs;
    expect(() => new ClusterAddons("prod", bad)).toThrow(/got "ftp:\/\/\.\.\.@proxy"/);
  });
});
