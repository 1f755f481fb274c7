import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bringUp } from "../lab/up";
import type { Operator } from "../lab/operator";
import { say } from "../toolchain/progress";
import { type Collected, HostFacts } from "./cis/facts";
import { judgeCis } from "./cis/judge";
import { benchLab } from "./lab";

/** The items of the CIS Kubernetes Benchmark that a program can decide, on every host of a lab's cluster. */
export async function cis(): Promise<Record<string, unknown>> {
  const { lab, engine, operator, material } = await benchLab();
  await lab.start(material);
  const { nodes } = await bringUp(engine, operator);
  const hosts = new Map<string, HostFacts>();
  for (const { name, role } of nodes) {
    if (["etcd", "master", "worker"].includes(role)) hosts.set(name, await factsOf(operator, name));
  }
  const { failures, ...report } = judgeCis(hosts);
  for (const failure of failures) say(failure);
  await lab.down();
  return { ...report };
}

/** What a host is like. */
export async function factsOf(operator: Operator, host: string): Promise<HostFacts> {
  const script = readFileSync(join(__dirname, "cis", "collect.py"), "utf8");
  const { code, stdout, stderr } = await operator.ssh(host, ["sudo", "python3", "-"], {
    input: script,
  });
  if (code !== 0) throw new Error(`${host}: ${stderr}`);
  return new HostFacts(JSON.parse(stdout) as Collected);
}
