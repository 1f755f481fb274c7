import { makeBucket } from "../../lab/buckets";
import { type Edit, Edits } from "../support/edits";
import { TestLab } from "../support/lab";
import { bucketHost, dataComesBack, keepSnapshots } from "./story/data";
import { replacedWhileDead } from "./story/members";

// What is otherwise where etcd lives on the masters: masters that come and go are members of etcd, and so is one whose machine is dead.
jest.setTimeout(40 * 60_000);

const lab = new TestLab("day2-stacked");
const edits = new Edits(lab, ["--zones", "3", "--check"]);
const writer = "lab-worker-2";

const onMasters: Edit = (cluster) => {
  const { disk } = cluster.etcd as { disk: object };
  cluster.etcd = { topology: "stacked", disk };
};

beforeAll(async () => {
  await lab.must("down");
  await edits.up((cluster) => {
    onMasters(cluster);
    keepSnapshots(cluster);
  });
  await makeBucket(lab.identity, bucketHost);
});
afterAll(async () => {
  if (!process.env["KEEP_LAB"]) await lab.must("down");
});

test("masters 3 -> 5, and 5 -> 3 in two edits", async () => {
  await edits.change("stacked masters 3 -> 5", writer, ({ masters }) =>
    Object.assign(masters, { members: 5 }),
  );
  await edits.change("master-4 and master-5 may leave", writer, (cluster) => {
    cluster.leaving = ["master-4", "master-5"];
  });
  await edits.change("stacked masters 5 -> 3", writer, (cluster) => {
    cluster.leaving = [];
    Object.assign(cluster.masters, { members: 3 });
  });
});

test("the first master is dead for good, and made anew", () =>
  replacedWhileDead(edits, writer, "master-1"));

describe("data comes back", () =>
  dataComesBack(edits, ["lab-master-1", "lab-master-2", "lab-master-3"]));
