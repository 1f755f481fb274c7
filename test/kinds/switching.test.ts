import { switched } from "../support/switched";
import { TestLab } from "../support/lab";

// A living cluster on real hosts goes from one way to the API to the next, and back. `npm test` has one of these switches, in `contract`. Some 20 minutes on an
// idle machine of two cores: `npx jest --selectProjects kinds --testPathPatterns switching`.
jest.setTimeout(30 * 60_000);

const lab = new TestLab("switching");
const masters = ["lab-master-1", "lab-master-2", "lab-master-3"];

beforeAll(async () => {
  await lab.must("down");
  await lab.must("up", "--entry", "vip");
});
afterAll(async () => {
  if (!process.env["KEEP_LAB"]) await lab.must("down");
});

test.each([
  ["vip", "clb"],
  ["clb", "node-haproxy"],
  ["node-haproxy", "vip"],
])("%s -> %s: writes go on, none is lost, and a second up does nothing", async (from, to) => {
  expect(lab.operator.outputs.entry.kind).toBe(from === "node-haproxy" ? "nodeLocal" : from);
  await switched(lab, to, "lab-worker-1");
  if (to === "clb") return;
  // What leads a master's own connections past its CLB has gone with the CLB.
  for (const master of masters) {
    const state = "systemctl is-active kubernetes-ha-api-redirect || true";
    expect((await lab.onHost(master, state)).trim()).not.toBe("active");
  }
});
