import { Engine } from "../../lab/engine";
import { toolchain } from "../../toolchain";
import { longestGap, lostWrites, startWriter, stopWriter } from "../support/drill";
import { TestLab } from "../support/lab";

// A living cluster on real hosts goes from one way to the API to the next, while a client on a worker writes through it. Some 20 minutes on an idle
// machine of two cores, so not a part of `npm test`: `npx jest --selectProjects kinds --testPathPatterns switching`.
jest.setTimeout(30 * 60_000);

const lab = new TestLab("switching");
const writer = "lab-worker-1";
const masters = ["lab-master-1", "lab-master-2", "lab-master-3"];

beforeAll(async () => {
  await lab.must("down");
  await lab.must("up", "--entry", "vip");
});
afterAll(async () => {
  if (!process.env["KEEP_LAB"]) await lab.must("down");
});

/** Nodes that were not Ready at some time since, by the events of the node controller. */
async function lostNodes(since: string): Promise<string[]> {
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

/** What a host resolves the API's name to, itself and in pods of its network, and how many connections to it go there. */
async function wayOf(host: string): Promise<{ name: string; copies: string[] }> {
  const script = `name=${lab.operator.outputs.entry.name}
    getent ahostsv4 "$name" | awk 'NR == 1 {print $1}'
    cat /var/lib/kubelet/pods/*/etc-hosts 2>/dev/null | awk -v name="$name" '$2 == name {print $1}' | sort -u`;
  const [name = "", ...copies] = (await lab.onHost(host, script)).trim().split("\n");
  return { name, copies };
}

test.each([
  ["vip", "clb"],
  ["clb", "node-haproxy"],
  ["node-haproxy", "vip"],
])("%s -> %s: writes go on, none is lost, and a second up does nothing", async (from, to) => {
  expect(lab.operator.outputs.entry.kind).toBe(from === "node-haproxy" ? "nodeLocal" : from);
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
  expect(await lostNodes(since)).toEqual([]);
  const { name, copies } = await wayOf(writer);
  expect(copies).toEqual([name]);
  if (to !== "clb") {
    for (const master of masters) {
      const state = "systemctl is-active kubernetes-ha-api-redirect || true";
      expect((await lab.onHost(master, state)).trim()).not.toBe("active");
    }
  }
  await lab.must("up");
  expect(new Engine(lab.identity, toolchain().env()).changes()).toEqual([]);
});
