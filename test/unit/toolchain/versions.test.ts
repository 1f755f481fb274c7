import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { newestVersions } from "../../../components/plan/schema/versions";
import { everything } from "../../../toolchain";
import { groupKey } from "../../../toolchain/cache";
import {
  addonPrograms,
  groupNames,
  groupOf,
  groupOfProgram,
  groups,
  kubeNetworkPolicies,
  conformance,
  sampleApiserver,
  kubernetesPlugin,
  formerEtcd,
  nextKubernetes,
  distribution,
} from "../../../toolchain/groups";
import resources from "../../../toolchain/resources.json";
import { compareVersions, versions } from "../../../toolchain/versions";
import { mirrorVersions } from "../../../mirror/layout";

const modules = join(__dirname, "../../../toolchain/go");

interface Manifest {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
  workspaces: string[];
  engines: { node: string };
}
const readManifest = (directory: string) =>
  JSON.parse(
    readFileSync(join(__dirname, "../../..", directory, "package.json"), "utf8"),
  ) as Manifest;
const manifests = {
  manifest: readManifest("."),
  addons: readManifest("addons"),
  example: readManifest("examples/addons"),
};

describe("versions.json", () => {
  test("holds plain three-part versions", () => {
    const { provider, node, ...rest } = versions;
    const nodes = [
      node.minimum,
      node.npm.version,
      ...Object.values(node.releases).map(({ version }) => version),
    ];
    for (const version of [...Object.values(rest), ...Object.values(provider), ...nodes])
      expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  });

  test("agrees with what npm installs", () => {
    const { manifest, addons, example } = manifests;
    expect(manifest.devDependencies["@pulumi/pulumi"]).toBe(versions.pulumi);
    expect(manifest.devDependencies["@pulumi/command"]).toBe(versions.command);
    expect(addons.devDependencies["@pulumi/pulumi"]).toBe(versions.pulumi);
    expect(addons.devDependencies["@pulumi/kubernetes"]).toBe(versions.kubernetesPlugin);
    expect(example.dependencies["@pulumi/kubernetes"]).toBe(versions.kubernetesPlugin);
    const own = ["ipaddr.js", "leven", "semver", "yaml", "zod"];
    expect(Object.keys(addons.dependencies)).toEqual(own);
    for (const name of own) expect(addons.dependencies[name]).toBe(manifest.dependencies[name]);
    expect(manifest.engines.node).toBe(`>=${versions.node.minimum.replace(/(\.0)+$/, "")}`);
  });

  test("no other program asks for the plugin of Kubernetes: the language host goes by what is installed", () => {
    const { dependencies, devDependencies, peerDependencies } = manifests.manifest;
    const asked = { ...dependencies, ...devDependencies, ...peerDependencies };
    expect(Object.keys(asked)).not.toContain("@pulumi/kubernetes");
    expect(manifests.manifest.workspaces).not.toContain("addons");
  });

  test("agrees with the newest that the library knows, which is what the lab runs", () => {
    // Harbor is built from a checkout by the test that runs it, and by that alone.
    const { pause, harbor, ...built } = newestVersions;
    expect(readFileSync(join(__dirname, "../../harbor/harbor.test.ts"), "utf8")).toContain(harbor);
    for (const [name, version] of Object.entries(built))
      expect(version).toBe(`v${versions[name as keyof typeof built]}`);
    expect(pause).toBe(mirrorVersions.pause);
    const file = readFileSync(join(__dirname, "../../../Pulumi.lab.yaml"), "utf8");
    const { config } = parse(file) as { config: Record<string, object> };
    expect(config["tencentcloud-kubernetes-ha:cluster"]).toMatchObject({
      versions: { ...built, pause },
    });
  });

  test("agrees with what the mirror serves", () => {
    for (const name of ["kubernetes", "etcd", "containerd", "coredns", "flannel"] as const)
      expect(mirrorVersions[name]).toBe(`v${versions[name]}`);
  });

  test.each([
    ["pulumi", "github.com/pulumi/pulumi/pkg/v3", versions.pulumi],
    ["language-nodejs", "github.com/pulumi/pulumi/pkg/v3", versions.pulumi],
    ["command", "github.com/pulumi/pulumi/sdk/v3", versions.pulumi],
    ["bridge", "github.com/pulumi/pulumi-yaml", versions.languageYaml],
    [
      "provider",
      "github.com/tencentcloudstack/terraform-provider-tencentcloud",
      versions.provider.buildable,
    ],
    ["kubernetes", "k8s.io/kubernetes", versions.kubernetes],
    ["next-kubernetes", "k8s.io/kubernetes", versions.nextKubernetes],
    ["etcd", "go.etcd.io/etcd/server/v3", versions.etcd],
    ["former-etcd", "go.etcd.io/etcd/server/v3", versions.formerEtcd],
    ["containerd", "github.com/containerd/containerd/v2", versions.containerd],
    ["coredns", "github.com/coredns/coredns", versions.coredns],
    ["crane", "github.com/google/go-containerregistry", versions.crane],
    ["flannel", "github.com/flannel-io/flannel", versions.flannel],
    ["distribution", "github.com/distribution/distribution/v3", versions.distribution],
    ["kube-network-policies", "sigs.k8s.io/kube-network-policies", versions.kubeNetworkPolicies],
    ["conformance", "k8s.io/kubernetes", versions.kubernetes],
    ["sample-apiserver", "k8s.io/sample-apiserver", versions.sampleApiserver],
    ["metrics-server", "sigs.k8s.io/metrics-server", versions.metricsServer],
    ["traefik", "github.com/traefik/traefik/v3", versions.traefik],
  ])("agrees with go.mod of %s", (module, path, version) => {
    const goMod = readFileSync(join(modules, module, "go.mod"), "utf8");
    expect(goMod).toMatch(new RegExp(`\\s${path} v${version}\\b`.replaceAll(".", "\\.")));
  });
});

test("modules of the engine and its plugins share versions, so that what one has compiled is there for the others", () => {
  // These two would not compile together.
  const apart = ["github.com/pulumi/inflector", "github.com/olekukonko/tablewriter"];
  const required = ["pulumi", "bridge", "language-nodejs", "command"].flatMap((module) =>
    [...readFileSync(join(modules, module, "go.mod"), "utf8").matchAll(/^\t(\S+) (v\S+)/gm)].map(
      ([, path = "", version = ""]) => ({ path, version }),
    ),
  );
  const found = new Map<string, Set<string>>();
  for (const { path, version } of required)
    found.set(path, (found.get(path) ?? new Set()).add(version));
  const differing = [...found].filter(([path, all]) => all.size > 1 && !apart.includes(path));
  expect(differing).toEqual([]);
  expect(found.size).toBeGreaterThan(100);
});

describe("groups", () => {
  test("are all there, each with its module and an official release of the same programs", () => {
    expect(groups.map(({ name }) => name)).toEqual([...groupNames]);
    for (const { module, programs, official } of [...groups, kubernetesPlugin, ...addonPrograms]) {
      expect(existsSync(join(modules, module, "go.sum"))).toBe(true);
      const published =
        official.kind === "tar"
          ? Object.keys(official.entries)
          : official.kind === "files"
            ? Object.keys(official.files)
            : [official.executable];
      expect(published.sort()).toEqual(Object.values(programs).sort());
    }
  });

  test("no two make a program of the same name", () => {
    const programs = groups.flatMap((group) => Object.values(group.programs));
    expect(new Set(programs).size).toBe(programs.length);
    expect(groupOfProgram("kubectl").name).toBe("kubernetes");
    expect(() => groupOfProgram("kubeclt")).toThrow(/no program kubeclt.*kubectl/);
  });

  test("clusters are upgraded to the next minor release, which nothing gets that does not ask for it", () => {
    const minor = (version: string) => version.split(".").slice(0, 2).map(Number);
    const [major = 0, from = 0] = minor(versions.kubernetes);
    expect(minor(nextKubernetes.version)).toEqual([major, from + 1]);
    expect(nextKubernetes.programs).toEqual(groupOf("kubernetes").programs);
    expect(everything).not.toContain(nextKubernetes.name);
  });

  test("clusters are upgraded from the minor release of etcd before, which nothing gets that does not ask for it", () => {
    const minor = (version: string) => version.split(".").slice(0, 2).map(Number);
    const [major = 0, to = 0] = minor(versions.etcd);
    expect(minor(formerEtcd.version)).toEqual([major, to - 1]);
    expect(formerEtcd.programs).toEqual(groupOf("etcd").programs);
    expect(everything).not.toContain(formerEtcd.name);
  });

  test("the program of a registry is got by nobody who does not ask for it", () => {
    expect(everything).not.toContain(distribution.name);
    expect(Object.keys((distribution.official as { entries: object }).entries)).toEqual(
      Object.values(distribution.programs),
    );
  });

  test("what enforces network policies is built with a change to a module that it requires, by who asks for it", () => {
    const { name, module, patch } = kubeNetworkPolicies;
    expect(everything).not.toContain(name);
    const text = (file: string) => readFileSync(join(modules, module, file), "utf8");
    expect(text("go.mod")).toMatch(new RegExp(`\\t${patch?.module} v`));
    expect(text(patch?.file ?? "")).toContain("+++ b/expr/queue.go");
    // Another change makes another program.
    expect(groupKey(kubeNetworkPolicies)).not.toBe(
      groupKey({ ...kubeNetworkPolicies, ownSource: false }),
    );
  });

  test("the conformance tests and what they take are got by nobody who does not ask for them", () => {
    expect(everything).not.toContain(conformance.name);
    expect(everything).not.toContain(sampleApiserver.name);
    expect(conformance.testPrograms).toEqual({ "k8s.io/kubernetes/test/e2e": "e2e.test" });
    // Other tests or files make another place of the cache; groups without any keep theirs.
    const { testPrograms, files, ...bare } = conformance;
    const keys = [conformance, { ...bare, testPrograms }, { ...bare, files }, bare].map((group) =>
      groupKey(group as typeof conformance),
    );
    expect(new Set(keys).size).toBe(4);
  });

  test("what add-ons take nothing gets that does not ask for it", () => {
    for (const { name } of [kubernetesPlugin, ...addonPrograms])
      expect(everything).not.toContain(name);
  });

  test("the example names the releases of add-ons that the toolchain has", () => {
    const example = readFileSync(join(__dirname, "../../../examples/addons/index.ts"), "utf8");
    expect(example).toContain(`?? "v${versions.metricsServer}"`);
    expect(example).toContain(`?? "v${versions.traefik}"`);
  });

  test("the generated SDK has each resource once", () => {
    expect(new Set(resources).size).toBe(resources.length);
    for (const resource of resources) expect(resource).toMatch(/^tencentcloud_[a-z_]+$/);
  });
});

test.each([
  ["1.2.3", "1.2.3", 0],
  ["v1.2.3", "1.2.4", -1],
  ["go1.26.8", "1.26.0", 1],
  ["20.9.0", "20.19.0", -1],
  ["1.2", "1.2.0", 0],
  ["1.2.1+stand-in", "1.2.1", 0],
])("compareVersions(%s, %s) is %i", (a, b, result) => {
  expect(compareVersions(a, b)).toBe(result);
});
