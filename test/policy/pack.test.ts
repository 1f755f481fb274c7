import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import * as grpc from "@grpc/grpc-js";
import { AnalyzerClient } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import type { AnalyzerInfo } from "@pulumi/pulumi/proto/analyzer_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";

const root = resolve(__dirname, "../..");

/** The pack as the engine starts it: the SDK's own runner, in the pack's directory, its port on stdout. */
test("the pack loads, and every rule of it is mandatory and says what it holds to", async () => {
  const runner = resolve(root, "node_modules/@pulumi/pulumi/cmd/run-policy-pack");
  const pack = spawn(process.execPath, [runner, "127.0.0.1:1", "."], {
    cwd: resolve(root, "policy"),
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const info = await ask(await portOf(pack));
    expect(info.name).toBe("kubernetes-ha");
    expect(info.policiesList.map(({ name }) => name)).toEqual([
      "quorum-etcd-odd-planned-members",
      "quorum-etcd-odd-members",
      "placement-quorum-roles-in-strict-groups",
      "network-no-open-ports",
    ]);
    for (const policy of info.policiesList) {
      // 1 is MANDATORY.
      expect(policy.enforcementlevel).toBe(1);
      expect(policy.description).toMatch(/^[A-Z].*\.$/);
    }
  } finally {
    pack.kill();
    await once(pack, "exit");
  }
}, 60_000);

async function portOf(pack: ChildProcess): Promise<number> {
  if (pack.stdout === null) throw new Error("the pack has no stdout");
  for await (const line of createInterface(pack.stdout)) {
    if (/^\d+$/.test(line.trim())) return Number(line);
  }
  throw new Error(`the pack ended with ${pack.exitCode} before it printed a port`);
}

function ask(port: number): Promise<AnalyzerInfo.AsObject> {
  const client = new AnalyzerClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  return new Promise((done, failed) => {
    client.getAnalyzerInfo(new Empty(), (error, info) => {
      client.close();
      if (error === null) done(info.toObject());
      else failed(error);
    });
  });
}
