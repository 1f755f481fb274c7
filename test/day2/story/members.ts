import { type Edit, type Edits, madeAnew } from "../../support/edits";

/** It never leaves. */
const writer = "lab-worker-2";

/** Members of every role come, go and are made anew, the first of each while its machine is dead. */
export function membersComeAndGo(edits: Edits): void {
  const change = (what: string, edit: Edit): Promise<void> => edits.change(what, writer, edit);

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

  test("masters 3 -> 2, the first one leaves; then it comes back", async () => {
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

  test("another name comes into the API's certificate, and every apiserver shows it", async () => {
    const name = "kubernetes.example.com";
    const shown = () =>
      Promise.all(
        edits.plan.masters.map(({ name: master, address }) =>
          edits.lab.onHost(
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
    test.each(["worker-1", "etcd-1", "master-1", "balancer-1"])("%s", (host) =>
      replacedWhileDead(edits, writer, host),
    );
  });
}

/** A machine dies and does not come back; its host is made anew, and is protected again where it keeps something. */
export async function replacedWhileDead(edits: Edits, writer: string, host: string): Promise<void> {
  await edits.kill(`lab-${host}`);
  await edits.change(`${host} replaced while dead`, writer, madeAnew(host));
  if (host.startsWith("etcd") || host.startsWith("master"))
    await edits.change(`${host} protected again`, writer, (cluster) => {
      cluster.leaving = [];
    });
}
