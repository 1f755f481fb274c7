import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { must, run, type RunResult } from "../../lab/process";
import { toolchain } from "../../toolchain";
import { installAddons } from "../../toolchain/addonsPackage";
import { kubernetesPlugin } from "../../toolchain/groups";
import { obtain } from "../../toolchain/obtain";
import { BareApi } from "./bareApi";

// examples/addons as people have it, outside the checkout, with the real engine, the official plugin and a real API: what is made, that it stays, that it goes.
jest.setTimeout(30 * 60_000);

const dir = mkdtempSync(join(tmpdir(), "kubernetes-ha-addons-api-"));
const api = new BareApi(join(dir, "api"));
const stack = join(dir, "addons");
const state = join(dir, "state");
let env: Record<string, string> = {};

beforeAll(async () => {
  const plugin = await obtain(kubernetesPlugin);
  mkdirSync(state);
  env = {
    ...toolchain().env([plugin]),
    PULUMI_BACKEND_URL: `file://${state}`,
    PULUMI_CONFIG_PASSPHRASE: "tests",
  };
  await api.start(3);
  await makeClusterStack();
  cpSync(resolve(__dirname, "../../examples/addons"), stack, { recursive: true });
  await installAddons(stack);
  await must(["pulumi", "stack", "init", "test", "--non-interactive"], { cwd: stack, env });
  await must(
    ["pulumi", "config", "set", "cluster", "organization/tencentcloud-kubernetes-ha/test"],
    { cwd: stack, env },
  );
});
afterAll(async () => {
  await api.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** A stack of the cluster's project with the outputs of a cluster, and nothing else. */
async function makeClusterStack(): Promise<void> {
  const project = "tencentcloud-kubernetes-ha";
  const cwd = join(dir, "cluster");
  mkdirSync(cwd);
  writeFileSync(join(cwd, "Pulumi.yaml"), `name: ${project}\nruntime: nodejs\n`);
  await must(["pulumi", "stack", "init", "test", "--non-interactive"], { cwd, env });
  const type = "pulumi:pulumi:Stack";
  const outputs = { kubeconfig: api.kubeconfig, entry: { address: "10.20.1.10" } };
  const urn = `urn:pulumi:test::${project}::${type}::${project}-test`;
  const deployment = {
    manifest: { time: "2026-01-01T00:00:00Z", magic: "", version: "" },
    resources: [{ urn, type, custom: false, outputs }],
  };
  await must(["pulumi", "stack", "import", "--stack", "test"], {
    ...{ cwd, env },
    input: JSON.stringify({ version: 3, deployment }),
  });
}

async function pulumi(...args: string[]): Promise<string> {
  const options = ["--stack", "test", "--non-interactive", "--suppress-progress"];
  const result: RunResult = await run(["pulumi", ...args, ...options], {
    ...{ cwd: stack, env, timeoutSeconds: 900 },
  });
  if (result.code !== 0)
    throw new Error(`pulumi ${args.join(" ")} ended with ${result.code}:\n${result.stdout}`);
  return result.stdout;
}

/** Everything of a kind that is not of the cluster's own. */
async function names(kinds: string): Promise<string[]> {
  const lines = await api.kubectl("get", kinds, "--all-namespaces", "-o", "name");
  return lines.split("\n").filter((line) => /traefik|metrics/.test(line));
}

test("a preview shows what would be made, and makes nothing", async () => {
  expect(await pulumi("preview")).toMatch(/Resources:\s+\+ 22 to create/);
  expect(await names("deployments,daemonsets,clusterroles,namespaces")).toEqual([]);
});

test("goes up: the API takes all of it", async () => {
  await pulumi("up", "--yes", "--skip-preview");
  expect(await names("deployments,daemonsets,services,ingressclasses,apiservices")).toEqual([
    "deployment.apps/metrics-server",
    "daemonset.apps/traefik",
    "service/metrics-server",
    "service/traefik",
    "ingressclass.networking.k8s.io/traefik",
    "apiservice.apiregistration.k8s.io/v1beta1.metrics.k8s.io",
  ]);
});

test.each([
  ["metrics-server", "kube-system", ["get nodes/metrics", "list pods"], ["get secrets"]],
  ["traefik", "traefik", ["list secrets", "update ingresses/status"], ["update ingresses"]],
])("%s may do what it has to, and no more", async (name, namespace, may, mayNot) => {
  const can = async (what: string): Promise<string> => {
    const [verb = "", of = ""] = what.split(" ");
    const [resource = "", part] = of.split("/");
    const subresource = part === undefined ? [] : [`--subresource=${part}`];
    const as = `system:serviceaccount:${namespace}:${name}`;
    const { stdout } = await run([
      ...[toolchain().binary("kubectl"), "--kubeconfig", join(dir, "api/kubeconfig")],
      ...["auth", "can-i", verb, resource, ...subresource, "--all-namespaces", "--as", as],
    ]);
    return stdout.trim();
  };
  for (const what of may) expect([what, await can(what)]).toEqual([what, "yes"]);
  for (const what of mayNot) expect([what, await can(what)]).toEqual([what, "no"]);
});

test("a second up changes nothing", async () => {
  expect(await pulumi("up", "--yes", "--skip-preview")).toMatch(/Resources:\s+22 unchanged/);
});

test("destroy leaves nothing", async () => {
  await pulumi("destroy", "--yes", "--skip-preview");
  const kinds =
    "deployments,daemonsets,services,serviceaccounts,poddisruptionbudgets,rolebindings,clusterroles,clusterrolebindings,ingressclasses,apiservices,namespaces";
  expect(await names(kinds)).toEqual([]);
});
