import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import * as grpc from "@grpc/grpc-js";
import { AnalyzerClient } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import {
  AnalyzeRequest,
  type AnalyzeResponse,
  AnalyzerPropertyDependencies,
  AnalyzerResource,
  AnalyzerResourceOptions,
  AnalyzeStackRequest,
  type AnalyzerInfo,
} from "@pulumi/pulumi/proto/analyzer_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import { rules } from "../../policy/rules";
import { type FixtureResource, unknown } from "./judge";
import { compliantStack, named, tagsOf } from "./stack";
import { kubeletFile } from "./stepFiles";

/** The pack as the engine starts it and speaks to it: the SDK's own runner, in the pack's directory, over gRPC. */
const root = resolve(__dirname, "../..");
const mandatory = 1;

let pack: ChildProcess;
let client: AnalyzerClient;

beforeAll(async () => {
  const runner = resolve(root, "node_modules/@pulumi/pulumi/cmd/run-policy-pack");
  pack = spawn(process.execPath, [runner, "127.0.0.1:1", "."], {
    cwd: resolve(root, "policy"),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const port = await portOf(pack);
  client = new AnalyzerClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
}, 60_000);

afterAll(async () => {
  client.close();
  pack.kill();
  await once(pack, "exit");
});

test("it loads, and every rule of it is mandatory and says what it holds to", async () => {
  const info = await new Promise<AnalyzerInfo.AsObject>((done, failed) => {
    client.getAnalyzerInfo(new Empty(), (error, answer) => {
      if (error === null) done(answer.toObject());
      else failed(error);
    });
  });
  expect(info.name).toBe("kubernetes-ha");
  expect(info.policiesList.map(({ name }) => name)).toEqual(rules.map(({ id }) => id));
  for (const policy of info.policiesList) {
    expect(policy.enforcementlevel).toBe(mandatory);
    expect(policy.description).toMatch(/^[A-Z].*\.$/);
  }
});

test("it allows a compliant stack in a preview", async () => {
  expect(await analyze(compliantStack())).toEqual([]);
});

test("it denies what breaks a rule, by the rule's name", async () => {
  const stack = compliantStack();
  tagsOf(named(stack, "etcd-3"))["kubernetes-ha/role"] = "worker";
  named(stack, "group-balancer").props.affinity = 2;
  expect(await analyze(stack)).toEqual([
    [mandatory, "quorum-etcd-odd-members", "etcd-1"],
    [mandatory, "quorum-survives-one-host", "etcd-1"],
    [mandatory, "placement-quorum-roles-in-strict-groups", "balancer-1"],
    [mandatory, "placement-quorum-roles-in-strict-groups", "balancer-2"],
  ]);
});

test("what is known only after the update is denied, and not passed over with a warning", async () => {
  const stack = compliantStack();
  named(stack, "etcd-1").props.tags = unknown;
  expect(await analyze(stack)).toEqual([
    [mandatory, "quorum-etcd-odd-members", "etcd-2"],
    [mandatory, "quorum-survives-one-host", "etcd-2"],
    [mandatory, "placement-require-role", "etcd-1"],
    [mandatory, "cluster-required-tags", "etcd-1"],
  ]);
});

test.each([
  [["stdout"], []],
  [[], ["cluster-keys-secret"]],
])("a command that is given keys, with outputs %j kept secret", async (secret, expected) => {
  const command = { create: "run-step", stdin: unknown };
  expect(await register("command:remote:Command", "gate", command, secret)).toEqual(expected);
});

test("what a component was given counts at the end, not only what it shows", async () => {
  const type = "kubernetes-ha:remote:RemoteStep";
  const shown = { host: "worker-1", step: "worker" };
  const stack = [{ type, name: "worker-1-worker", props: shown }];
  expect(await analyze(stack)).toEqual([[mandatory, "cluster-reservation-set", "worker-1-worker"]]);
  await register(type, "worker-1-worker", { ...shown, files: [kubeletFile()] });
  expect(await analyze(stack)).toEqual([]);
});

/** Rules that deny a resource when it is registered. */
async function register(
  type: string,
  name: string,
  props: FixtureResource["props"],
  secretOutputs: string[] = [],
): Promise<string[]> {
  const request = new AnalyzeRequest()
    .setType(type)
    .setName(name)
    .setUrn(name)
    .setOptions(new AnalyzerResourceOptions().setAdditionalsecretoutputsList(secretOutputs))
    .setProperties(Struct.fromJavaScript(props as Record<string, JavaScriptValue>));
  const response = await new Promise<AnalyzeResponse.AsObject>((done, failed) => {
    client.analyze(request, (error, answer) => {
      if (error === null) done(answer.toObject());
      else failed(error);
    });
  });
  return response.diagnosticsList.map(({ policyname }) => policyname);
}

/** Level, rule and resource of all that the pack says of a stack. */
async function analyze(stack: readonly FixtureResource[]): Promise<[number, string, string][]> {
  const request = new AnalyzeStackRequest();
  request.setResourcesList(stack.map(toResource));
  const response = await new Promise<AnalyzeResponse.AsObject>((done, failed) => {
    client.analyzeStack(request, (error, answer) => {
      if (error === null) done(answer.toObject());
      else failed(error);
    });
  });
  return response.diagnosticsList.map(({ enforcementlevel, policyname, urn }) => [
    enforcementlevel,
    policyname,
    urn,
  ]);
}

function toResource({ type, name, props, from = {} }: FixtureResource): AnalyzerResource {
  const resource = new AnalyzerResource()
    .setType(type)
    .setName(name)
    .setUrn(name)
    .setOptions(new AnalyzerResourceOptions())
    .setProperties(Struct.fromJavaScript(props as Record<string, JavaScriptValue>));
  for (const [input, sources] of Object.entries(from)) {
    const urns = new AnalyzerPropertyDependencies().setUrnsList(sources);
    resource.getPropertydependenciesMap().set(input, urns);
  }
  return resource;
}

async function portOf(started: ChildProcess): Promise<number> {
  if (started.stdout === null) throw new Error("the pack has no stdout");
  for await (const line of createInterface(started.stdout)) {
    if (/^\d+$/.test(line.trim())) return Number(line);
  }
  throw new Error(`the pack ended with ${started.exitCode} before it printed a port`);
}
