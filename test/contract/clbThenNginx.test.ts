import { longestGap, lostWrites, startWriter, stopWriter, writesAfter } from "../support/drill";
import { allWell, siteOf } from "../../drills/site";
import { holdsContract } from "../support/contract";
import { TestLab } from "../support/lab";
import { switched } from "../support/switched";

// One story on one cluster: etcd on masters in three zones, behind a CLB first, then by nginx on every node.
jest.setTimeout(20 * 60_000);

const lab = new TestLab("contract");

beforeAll(async () => {
  await lab.must("down");
  await lab.must("up", "--entry", "clb", "--topology", "stacked", "--zones", "3");
});

afterAll(async () => {
  if (!process.env["KEEP_LAB"]) await lab.must("down");
});

const getOn =
  "clients at all five positions get on when an apiserver and when a physical machine is killed";

test(`by the CLB ${getOn}`, () => holdsContract(lab, { entry: "clb", topology: "stacked" }));

test("a zone is lost, the bastion's: no acknowledged write is lost, writes go on within 10 s", async () => {
  const site = siteOf(lab);
  const [zone] = site.plan.network.subnets.map((subnet) => subnet.zone);
  const writer = (await lab.admin.placement()).find(
    (row) => row.zone !== zone && site.plan.workers.some(({ name }) => name === row.name),
  );
  if (writer === undefined) throw new Error(`all workers are in ${zone}`);
  await startWriter(lab, writer.name);
  const killed = Date.now() / 1000;
  await lab.must("zone", "kill", "1");
  await writesAfter(lab, writer.instanceId, killed, 15);
  await lab.must("zone", "revive", "1");
  await allWell(site);
  const records = await stopWriter(lab, writer.name);
  const gap = longestGap(records);
  console.log(`zone ${zone}: longest time without an acknowledged write ${gap.toFixed(1)} s`);
  const acknowledged = records.filter((record) => record.acknowledged);
  expect(acknowledged[0]?.end).toBeLessThan(killed);
  expect(acknowledged.at(-1)?.start).toBeGreaterThan(killed + 15);
  expect(gap).toBeLessThan(10);
  expect(await lostWrites(lab, records)).toEqual([]);
});

test("goes from the CLB to nginx on every node while somebody writes", () =>
  switched(lab, "node-nginx", "lab-worker-1"));

test(`by nginx on their nodes ${getOn}`, () =>
  holdsContract(lab, { entry: "node-nginx", topology: "stacked" }));
