import { makeBucket } from "../../lab/buckets";
import { Edits } from "../support/edits";
import { TestLab } from "../support/lab";
import { etcdReleases, toEtcdRelease } from "../support/upgrade";
import { bucketHost, dataComesBack, keepSnapshots } from "./story/data";
import { membersComeAndGo } from "./story/members";
import { releasesGoUp } from "./story/releases";
import { workloadServes } from "./story/workload";

// The life of one cluster: every step is an edit of its configuration, judged by the plan check, carried out by `up`, while somebody writes and somebody
// watches. Each chapter needs the one before it. Some 50 minutes on an idle machine of two cores, besides building the releases once.
jest.setTimeout(60 * 60_000);

const lab = new TestLab("day2");
// Two physical hosts in each zone, so that five members of etcd have one each.
const edits = new Edits(lab, ["--zones", "3", "--check"]);

beforeAll(async () => {
  await lab.must("down");
  const made = edits.arguments((cluster) => {
    keepSnapshots(cluster);
    toEtcdRelease(etcdReleases.from)(cluster);
  });
  await lab.must(...made, "--next-kubernetes", "--former-etcd");
  await makeBucket(lab.identity, bucketHost);
});
afterAll(async () => {
  if (!process.env["KEEP_LAB"]) await lab.must("down");
});

describe("a workload is served", () => workloadServes(edits));
describe("members come and go", () => membersComeAndGo(edits));
describe("releases go up", () => releasesGoUp(edits));
describe("a workload is served still", () => workloadServes(edits));
describe("data comes back", () => dataComesBack(edits, ["lab-etcd-1", "lab-etcd-2", "lab-etcd-3"]));
