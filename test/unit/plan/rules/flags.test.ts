import { type FlaggedComponent, ownerOf } from "../../../../components/plan/ownFlags";
import {
  clusterConfiguration,
  renderEtcdConfiguration,
  renderApiserverPatch,
  renderInitConfiguration,
} from "../../../../components/render";
import { documentsOf } from "../../render/documents";
import { first, line, planHaving, planOf, problemsOf, type TestConfig } from "../fixture";

interface Extra {
  extraArgs: { name: string; value: string }[];
}

describe("flags that the cluster sets itself", () => {
  const plan = planOf();
  const masters = clusterConfiguration(plan) as Record<string, Extra>;
  const { ClusterConfiguration } = documentsOf(renderEtcdConfiguration(plan, first(plan.etcd)));
  const member = (ClusterConfiguration as { etcd: { local: Extra } }).etcd.local;
  const rendered: [FlaggedComponent, Extra | undefined][] = [
    ["apiServer", masters["apiServer"]],
    ["controllerManager", masters["controllerManager"]],
    ["scheduler", masters["scheduler"]],
    ["etcd", member],
  ];

  test.each(rendered)(
    "all that are rendered for %s are known as the cluster's",
    (component, of) => {
      const names = (of?.extraArgs ?? []).map(({ name }) => name);
      expect(names.length).toBeGreaterThan(3);
      expect(names.filter((name) => ownerOf(component, name) === undefined)).toEqual([]);
    },
  );

  test("so is what one master's patch adds", () => {
    const patch = renderApiserverPatch(plan, first(plan.masters));
    const [, flag = ""] = /--([a-z-]+)=/.exec(patch) ?? [];
    expect(ownerOf("apiServer", flag)).toEqual({ setting: "entry" });
  });

  test.each<[string, (config: TestConfig) => unknown, string]>([
    [
      "of an apiserver, with a setting",
      (config) =>
        (config.controlPlane = {
          extraArgs: { apiServer: { "default-not-ready-toleration-seconds": 30 } },
        }),
      "controlPlane.extraArgs.apiServer.default-not-ready-toleration-seconds: the cluster sets this flag itself. Take it out; what decides on it is controlPlane.podEvictionSeconds.",
    ],
    [
      "of an apiserver, which exclude the file that it reads",
      (config) =>
        (config.controlPlane = {
          extraArgs: { apiServer: { "oidc-issuer-url": "https://login.example.com" } },
        }),
      "controlPlane.extraArgs.apiServer.oidc-issuer-url: the cluster sets this flag itself. Take it out; what decides on it is controlPlane.oidc.",
    ],
    [
      "of a controller-manager",
      (config) =>
        (config.controlPlane = {
          extraArgs: { controllerManager: { "cluster-cidr": "10.0.0.0/8" } },
        }),
      "controlPlane.extraArgs.controllerManager.cluster-cidr: the cluster sets this flag itself. Take it out; what decides on it is network.podCidr.",
    ],
    [
      "of a scheduler, without a setting",
      (config) => (config.controlPlane = { extraArgs: { scheduler: { "leader-elect": false } } }),
      "controlPlane.extraArgs.scheduler.leader-elect: the cluster sets this flag itself. Take it out.",
    ],
    [
      "of etcd",
      (config) => (config.etcd.extraArgs = { "data-dir": "/tmp" }),
      "etcd.extraArgs.data-dir: the cluster sets this flag itself. Take it out.",
    ],
  ])("are refused: %s", (_, change, expected) => {
    expect(problemsOf(change).map(line)).toEqual([expected]);
  });
});

test("admission plugins may be added, but none left out that something works by", () => {
  const of = (apiServer: Record<string, string>) =>
    problemsOf((config) => (config.controlPlane = { extraArgs: { apiServer } })).map(line);
  expect(of({ "enable-admission-plugins": "NodeRestriction,AlwaysPullImages" })).toEqual([]);
  expect(of({ "disable-admission-plugins": "LimitRanger" })).toEqual([]);
  expect(of({ "enable-admission-plugins": "AlwaysPullImages" })).toEqual([
    "controlPlane.extraArgs.apiServer.enable-admission-plugins: got AlwaysPullImages, which replaces the list and has no NodeRestriction: without it the kubelet of one node may change any other. Use NodeRestriction,AlwaysPullImages.",
  ]);
  expect(of({ "disable-admission-plugins": "LimitRanger, PodSecurity" })).toEqual([
    "controlPlane.extraArgs.apiServer.disable-admission-plugins: got PodSecurity, but controlPlane.podSecurity works by it. Take PodSecurity out.",
  ]);
});

test.each<[unknown, string]>([
  [{ "--v": "4" }, 'got the key "--v". Use a flag without its hyphens in front'],
  [
    { v: "a\nb" },
    'controlPlane.extraArgs.apiServer.v: got "a\\nb". Use one line of printable ASCII',
  ],
  [{ v: { a: 1 } }, 'controlPlane.extraArgs.apiServer.v: got {"a":1}. Use a text'],
])("no flag, or no value: %j", (apiServer, expected) => {
  const said = problemsOf((config) =>
    Object.assign(config, { controlPlane: { extraArgs: { apiServer } } }),
  );
  expect(said.map(line).join("\n")).toContain(expected);
});

test("flags reach their components, after the cluster's own; numbers and truth values as text", () => {
  const plan = planOf((config) => {
    config.controlPlane = {
      extraArgs: {
        apiServer: { "max-requests-inflight": 800 },
        controllerManager: { "terminated-pod-gc-threshold": "100" },
        scheduler: { "kube-api-qps": 100 },
      },
    };
    config.etcd.extraArgs = { "heartbeat-interval": 200, "pre-vote": true };
  });
  const { ClusterConfiguration } = documentsOf(
    renderInitConfiguration(plan, first(plan.masters)),
  ) as Record<string, Record<string, Extra>>;
  const last = (component: string) => ClusterConfiguration?.[component]?.extraArgs.at(-1);
  expect(last("apiServer")).toEqual({ name: "max-requests-inflight", value: "800" });
  expect(last("controllerManager")).toEqual({ name: "terminated-pod-gc-threshold", value: "100" });
  expect(last("scheduler")).toEqual({ name: "kube-api-qps", value: "100" });
  const etcd = renderEtcdConfiguration(plan, first(plan.etcd));
  expect(etcd).toContain(
    '      - name: heartbeat-interval\n        value: "200"\n      - name: pre-vote\n        value: "true"\n',
  );
});

test("flags of a member on a master are those that kubeadm keeps in the cluster, too", () => {
  const plan = planHaving({
    etcd: { topology: "stacked", extraArgs: { "heartbeat-interval": 200 } },
  });
  const own = { name: "heartbeat-interval", value: "200" };
  expect(clusterConfiguration(plan)).toMatchObject({
    etcd: { local: { extraArgs: [{ name: "quota-backend-bytes" }, own] } },
  });
  expect(renderEtcdConfiguration(plan, first(plan.etcd))).toContain("name: heartbeat-interval");
});
