import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../lab/process";
import { writeAccess } from "../operations/access/files";
import { parseOutputs } from "../operations/access/outputs";
import { closeProxy, freePort, openProxy, sshBehind } from "../operations/access/proxy";
import { Stack } from "../operations/stack";
import type { AskedSite } from "./exercises/exercise";

/** Works with a stack's cluster, whose hosts are reached through its bastion. What that needs lies on disk for as long as it takes. */
export async function onOwnCluster<T>(
  name: string,
  work: (site: AskedSite) => Promise<T>,
): Promise<T> {
  const stack = new Stack(name);
  const [outputs, { plan }] = await Promise.all([stack.outputs(), stack.plan()]);
  const directory = mkdtempSync(join(tmpdir(), "kubernetes-ha-"));
  try {
    writeAccess(parseOutputs(outputs), { directory, socksPort: await freePort() });
    await openProxy(directory, run);
    return await work({
      plan,
      cluster: { onHost: (host, script) => onHost(directory, host, script) },
    });
  } finally {
    await closeProxy(directory, run);
    rmSync(directory, { recursive: true, force: true });
  }
}

async function onHost(directory: string, host: string, script: string): Promise<string> {
  const command = sshBehind(directory, host, "sudo", "-n", "bash", "-s");
  const { code, stdout, stderr } = await run(command, { input: script, timeoutSeconds: 180 });
  if (code !== 0) throw new Error(`on ${host}: ended with ${code}: ${stderr}${stdout}`);
  return stdout;
}
