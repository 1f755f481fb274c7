import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { addonImages, ClusterAddons, type ClusterAddonsArgs } from "../../../../components/addons";
import { clusterIdentity, renderKubeconfig } from "../../../../components/kubeconfig";
import { record, type Registered, settled } from "../support/recording";

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
  const registered = await made({ metricsServer });
  const objects = registered.flatMap(({ type, inputs }) =>
    type.startsWith("kubernetes:")
      ? [`${String(inputs.kind)} ${(inputs.metadata as { name: string }).name}`]
      : [],
  );
  expect(objects.sort()).toEqual([
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
  const ingress = { version: "v1.33.8", envoyVersion: "v1.38.9" };

  test("is these objects, and no others", async () => {
    const registered = await made({ ingress });
    const objects = registered.flatMap(({ type, inputs }) =>
      type.startsWith("kubernetes:")
        ? [`${String(inputs.kind)} ${(inputs.metadata as { name: string }).name}`]
        : [],
    );
    expect(objects.sort()).toEqual([
      "ClusterRole contour",
      "ClusterRoleBinding contour",
      "CronJob contour-certgen",
      "CustomResourceDefinition httpproxies.projectcontour.io",
      "CustomResourceDefinition tlscertificatedelegations.projectcontour.io",
      "DaemonSet envoy",
      "Deployment contour",
      "IngressClass contour",
      "Job contour-certgen",
      "Namespace projectcontour",
      "PodDisruptionBudget contour",
      "Role contour",
      "Role contour-certgen",
      "RoleBinding contour",
      "RoleBinding contour-certgen",
      "Service contour",
      "Service envoy",
      "ServiceAccount contour",
      "ServiceAccount contour-certgen",
    ]);
  });

  const nodePorts = async (options: object): Promise<unknown> => {
    const registered = await made({ ingress: { ...ingress, ...options } });
    const services = registered.filter(({ type }) => type.endsWith(":Service"));
    const { spec } = services.find(({ name }) => name === "prod-ingress-envoy")?.inputs ?? {};
    return (spec as { ports: { nodePort: number }[] }).ports.map((port) => port.nodePort);
  };

  test("is served at two ports of every worker that has an Envoy, which are the stack's to choose", async () => {
    expect(await nodePorts({})).toEqual([31080, 31443]);
    expect(await nodePorts({ httpNodePort: 30001, httpsNodePort: 30002 })).toEqual([30001, 30002]);
  });

  /** Texts of all containers' images, or of their commands. */
  const containers = (registered: Registered[], field: "image" | "command"): string[] => {
    const found: string[] = [];
    const look = (value: unknown): void => {
      if (value === null || typeof value !== "object") return;
      const { image, command } = value as { image?: string; command?: string[] };
      if (typeof image === "string") found.push(field === "image" ? image : String(command));
      Object.values(value).forEach(look);
    };
    for (const { inputs } of registered) look(inputs.spec);
    return found;
  };

  test("pulls its images from their projects, or from a mirror", async () => {
    expect([...new Set(containers(await made({ ingress }), "image"))].sort()).toEqual([
      "docker.io/envoyproxy/envoy:distroless-v1.38.9",
      "ghcr.io/projectcontour/contour:v1.33.8",
    ]);
    const imageRepository = "registry.example.com/kubernetes-ha";
    const mirrored = containers(await made({ ingress, imageRepository }), "image");
    expect([...new Set(mirrored)].sort()).toEqual([
      `${imageRepository}/contour:v1.33.8`,
      `${imageRepository}/envoy:distroless-v1.38.9`,
    ]);
  });

  test("says of Ingresses the address that it is told, if any", async () => {
    const flags = async (options: object): Promise<string> =>
      containers(await made({ ingress: { ...ingress, ...options } }), "command").join();
    expect(await flags({})).not.toContain("--ingress-status-address");
    expect(await flags({ address: pulumi.output("10.20.1.10") })).toContain(
      "--ingress-status-address=10.20.1.10",
    );
  });

  test("every container is confined, as the strictest standard of pods has it", async () => {
    const registered = await made({ ingress });
    const pods = registered.flatMap(({ inputs }) => {
      const spec = inputs.spec as
        | { template?: { spec: Pod }; jobTemplate?: { spec: { template: { spec: Pod } } } }
        | undefined;
      const pod = spec?.template?.spec ?? spec?.jobTemplate?.spec.template.spec;
      return pod ? [pod] : [];
    });
    expect(pods).toHaveLength(4);
    for (const { securityContext, containers: run, initContainers = [] } of pods) {
      expect(securityContext).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: "RuntimeDefault" },
      });
      for (const container of [...run, ...initContainers])
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          capabilities: { drop: ["ALL"] },
          readOnlyRootFilesystem: true,
        });
    }
  });

  interface Pod {
    securityContext: object;
    containers: { securityContext: object }[];
    initContainers?: { securityContext: object }[];
  }
});

test("images are listed as their projects publish them, for a mirror to have", () => {
  expect(addonImages({ metricsServer })).toEqual([
    "registry.k8s.io/metrics-server/metrics-server:v0.9.0",
  ]);
  const ingress = { version: "v1.33.8", envoyVersion: "v1.38.9" };
  expect(addonImages({ metricsServer, ingress }).slice(1)).toEqual([
    "ghcr.io/projectcontour/contour:v1.33.8",
    "docker.io/envoyproxy/envoy:distroless-v1.38.9",
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
      {
        kubeconfig,
        ingress: { version: "v1.33.8", envoyVersion: "v1.38.9", httpNodePort: 80 },
      },
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
