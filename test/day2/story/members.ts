import { Edits, madeAnew } from "../support/edits";
import { TestLab } from "../support/lab";

// One story on one cluster: members come, go and are made anew while somebody writes. Each chapter needs the one before it.
jest.setTimeout(40 * 60_000);

const lab = new TestLab("day2-scale");
// Two physical hosts in each zone, so that five members of etcd have one each.
const edits = new Edits(lab, ["--zones", "3"]);
/** It never leaves. */
const writer = "lab-worker-2";
const change = (what: string, edit: Parameters<Edits["up"]>[0] & object): Promise<void> =>
  edits.change(what, writer, edit);

beforeAll(async () => {
  await lab.must("down");
  await edits.up();
});
afterAll(async () => {
  if (!process.env["KEEP_LAB"]) await lab.must("down");
});

test("a pool of workers comes, with pods on it, and goes: drained first", async () => {
  await change("pool added", ({ workers }) =>
    workers.push({ ...workers[0], pool: "extra", members: 1, addressBlock: 2 } as never),
  );
  await change("pool removed", ({ workers }) => workers.pop());
});

describe("etcd", () => {
  test("3 -> 5, by learners", () =>
    change("etcd 3 -> 5", ({ etcd }) => Object.assign(etcd, { members: 5 })));

  test("5 -> 3, in two edits: who may leave, and that they do", async () => {
    await change("etcd-4 and etcd-5 may leave", (cluster) => {
      cluster.leaving = ["etcd-4", "etcd-5"];
    });
    await change("etcd 5 -> 3", (cluster) => {
      cluster.leaving = [];
      Object.assign(cluster.etcd, { members: 3 });
    });
  });
});

describe("masters", () => {
  test("3 -> 2, the first one leaves; then it comes back", async () => {
    await change("master-1 may leave", (cluster) => {
      cluster.leaving = ["master-1"];
    });
    await change("masters 3 -> 2", (cluster) => {
      cluster.leaving = [];
      cluster.masters.members = ["2", "3"];
    });
    await change("masters 2 -> 3", (cluster) => {
      cluster.masters.members = ["1", "2", "3"];
    });
  });
});

test("another name comes into the API's certificate, and every apiserver shows it", async () => {
  const name = "kubernetes.example.com";
  const shown = () =>
    Promise.all(
      edits.plan.masters.map(({ name: master, address }) =>
        lab.onHost(
          master,
          `openssl s_client -connect ${address}:${edits.plan.apiserverPort} </dev/null 2>/dev/null | openssl x509 -noout -ext subjectAltName`,
        ),
      ),
    );
  for (const names of await shown()) expect(names).not.toContain(name);
  await change("name added to the certificate", (cluster) => {
    cluster.controlPlane = { ...cluster.controlPlane, extraSans: [name] };
  });
  for (const names of await shown()) expect(names).toContain(`DNS:${name}`);
});

describe("the first of each role is dead for good, and made anew", () => {
  test.each(["worker-1", "etcd-1", "master-1", "balancer-1"])("%s", async (host) => {
    const kept = host.startsWith("etcd") || host.startsWith("master");
    await edits.kill(`lab-${host}`);
    await change(`${host} replaced while dead`, madeAnew(host));
    if (kept)
      await change(`${host} protected again`, (cluster) => {
        cluster.leaving = [];
      });
  });
});
