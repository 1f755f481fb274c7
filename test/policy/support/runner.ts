import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import * as grpc from "@grpc/grpc-js";
import { AnalyzerClient } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import {
  type AnalyzeDiagnostic,
  AnalyzeRequest,
  type AnalyzeResponse,
  type AnalyzerInfo,
  AnalyzerPropertyDependencies,
  AnalyzerResource,
  AnalyzerResourceOptions,
  AnalyzeStackRequest,
} from "@pulumi/pulumi/proto/analyzer_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import { type FixtureResource } from "../judge";

export type Diagnostic = AnalyzeDiagnostic.AsObject;

const root = resolve(__dirname, "../../..");

/** The pack as the engine starts it and speaks to it: the SDK's own runner, in the pack's directory, over gRPC. */
export class PackRunner {
  private constructor(
    private readonly pack: ChildProcess,
    private readonly client: AnalyzerClient,
  ) {}

  static async start(): Promise<PackRunner> {
    const runner = resolve(root, "node_modules/@pulumi/pulumi/cmd/run-policy-pack");
    const pack = spawn(process.execPath, [runner, "127.0.0.1:1", "."], {
      cwd: resolve(root, "policy"),
      stdio: ["ignore", "pipe", "inherit"],
    });
    const port = await portOf(pack);
    const client = new AnalyzerClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
    return new PackRunner(pack, client);
  }

  async stop(): Promise<void> {
    this.client.close();
    this.pack.kill();
    await once(this.pack, "exit");
  }

  info(): Promise<AnalyzerInfo.AsObject> {
    return new Promise((done, failed) => {
      this.client.getAnalyzerInfo(new Empty(), (error, answer) => {
        if (error === null) done(answer.toObject());
        else failed(error);
      });
    });
  }

  /** Shows a resource's inputs, as the engine does when it is registered. @returns what the pack has against it. */
  register(resource: FixtureResource): Promise<Diagnostic[]> {
    const { type, name, additionalSecretOutputs = [] } = resource;
    const options = new AnalyzerResourceOptions();
    const request = new AnalyzeRequest()
      .setType(type)
      .setName(name)
      .setUrn(name)
      .setOptions(options.setAdditionalsecretoutputsList(additionalSecretOutputs))
      .setProperties(propertiesOf(resource));
    return new Promise((done, failed) => {
      this.client.analyze(request, answerTo(done, failed));
    });
  }

  /** Shows all resources with their outputs, as the engine does at the end. @returns what the pack has against them. */
  analyze(stack: readonly FixtureResource[]): Promise<Diagnostic[]> {
    const request = new AnalyzeStackRequest();
    request.setResourcesList(stack.map(toResource));
    return new Promise((done, failed) => {
      this.client.analyzeStack(request, answerTo(done, failed));
    });
  }
}

function answerTo(done: (found: Diagnostic[]) => void, failed: (error: Error) => void) {
  return (error: Error | null, answer: AnalyzeResponse): void => {
    if (error === null) done(answer.toObject().diagnosticsList);
    else failed(error);
  };
}

function propertiesOf({ props }: FixtureResource): Struct {
  return Struct.fromJavaScript(props as Record<string, JavaScriptValue>);
}

function toResource(resource: FixtureResource): AnalyzerResource {
  const { type, name, from = {} } = resource;
  const shown = new AnalyzerResource()
    .setType(type)
    .setName(name)
    .setUrn(name)
    .setOptions(new AnalyzerResourceOptions())
    .setProperties(propertiesOf(resource));
  for (const [input, sources] of Object.entries(from)) {
    const urns = new AnalyzerPropertyDependencies().setUrnsList(sources);
    shown.getPropertydependenciesMap().set(input, urns);
  }
  return shown;
}

async function portOf(started: ChildProcess): Promise<number> {
  if (started.stdout === null) throw new Error("the pack has no stdout");
  for await (const line of createInterface(started.stdout)) {
    if (/^\d+$/.test(line.trim())) return Number(line);
  }
  throw new Error(`the pack ended with ${started.exitCode} before it printed a port`);
}
