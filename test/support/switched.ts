import { Engine } from "../../lab/engine";
import { toolchain } from "../../toolchain";
import { longestGap, lostWrites, startWriter, stopWriter } from "./drill";
import type { TestLab } from "./lab";

/**
 * Takes a living cluster to another way to the API while a client on a worker writes through it: writes never stop for 10 s, none that was acknowledged is
 * lost, no node is lost on the way, nobody is left on the old way, and a second `up` changes nothing.
 *
 * @param to An example of lab/examples/entry.
 */
export async function switched(lab: TestLab, to: string, writer: string): Promise<void> {
  const from = lab.operator.outputs.entry.kind;
  const since = new Date().toISOString();
  await startWriter(lab, writer);
  await lab.must("up", "--entry", to);
  const records = await stopWriter(lab, writer);
  const failed = records.filter(({ acknowledged }) => !acknowledged);
  const gap = longestGap(records);
  console.log(
    `${from} -> ${to}: ${failed.length} of ${records.length} writes failed, ${gap.toFixed(1)} s at most between two that did not`,
    [...new Set(failed.map(({ error }) => error))],
  );
  expect(gap).toBeLessThan(10);
  expect(await lostWrites(lab, records)).toEqual([]);
  expect(await lostNodes(lab, since)).toEqual([]);
  const { name, copies } = await wayOf(lab, writer);
  expect(copies).toEqual([name]);
  await lab.must("up");
  expect(new Engine(lab.identity, toolchain().env()).changes()).toEqual([]);
}

/** Nodes that were not Ready at some time since, by the events of the node controller. */
async function lostNodes(lab: TestLab, since: string): Promise<string[]> {
  const events = await lab.kubectl(
    ...["get", "events", "-A", "--field-selector", "reason=NodeNotReady", "-o", "json"],
  );
  const { items } = JSON.parse(events) as {
    items: { lastTimestamp: string; involvedObject: { name: string } }[];
  };
  return items
    .filter(({ lastTimestamp }) => lastTimestamp > since)
    .map(({ involvedObject }) => involvedObject.name);
}

/** What a host resolves the API's name to, and what pods of its network have for it. */
async function wayOf(lab: TestLab, host: string): Promise<{ name: string; copies: string[] }> {
  const script = `name=${lab.operator.outputs.entry.name}
    getent ahostsv4 "$name" | awk 'NR == 1 {print $1}'
    cat /var/lib/kubelet/pods/*/etc-hosts 2>/dev/null | awk -v name="$name" '$2 == name {print $1}' | sort -u`;
  const [name = "", ...copies] = (await lab.onHost(host, script)).trim().split("\n");
  return { name, copies };
}
