import { Edits, madeAnew } from "../support/edits";
import { departureBegun, machineAnew, nodeGone, stepBegun } from "../support/interruption";
import { TestLab } from "../support/lab";

// Members go and are made anew, and every run is ended on the way, again and again, while somebody writes; those of an upgrade are in story/releases.ts.
jest.setTimeout(40 * 60_000);

const lab = new TestLab("day2-interruptions");
const edits = new Edits(lab);
const writer = "lab-worker-2";

beforeAll(async () => {
  await lab.must("down");
  await edits.up(({ workers }) => Object.assign(workers[0] as object, { members: 3 }));
});
afterAll(async () => {
  if (!process.env["KEEP_LAB"]) await lab.must("down");
});

test("a worker leaves", () =>
  edits.change(
    "workers 3 -> 2",
    writer,
    ({ workers }) => Object.assign(workers[0] as object, { members: 2 }),
    [
      ["Ctrl-C", departureBegun("lab-worker-3")],
      ["kill -9 of the engine", nodeGone("lab-worker-3")],
    ],
  ));

test("a member of etcd is made anew", async () => {
  const former = await lab.idOf("lab-etcd-1");
  await edits.change("etcd-1 made anew", writer, madeAnew("etcd-1"), [
    ["kill -9 of the engine", departureBegun("lab-etcd-1")],
    ["Ctrl-C", machineAnew("lab-etcd-1", former)],
    ["kill -9 of the engine", stepBegun("lab-etcd-1", "prepare-host")],
    ["kill -9 of the engine", stepBegun("lab-etcd-1", "etcd")],
  ]);
});

test("a master is made anew", async () => {
  const former = await lab.idOf("lab-master-1");
  await edits.change("master-1 made anew", writer, madeAnew("master-1"), [
    ["kill -9 of the engine", departureBegun("lab-master-1")],
    // Not sooner: the provider waits 15 minutes for one that never comes to run (engine/departures has what follows then).
    ["power loss of lab-master-1", stepBegun("lab-master-1", "prepare-host", former)],
    ["Ctrl-C", stepBegun("lab-master-1", "control-plane")],
  ]);
});
