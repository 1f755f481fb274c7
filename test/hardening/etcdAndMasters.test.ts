import { lostWrites, startWriter, stopWriter } from "../support/drill";
import { etcdctl } from "../support/etcdctl";
import { TestLab } from "../support/lab";
import { waitFor } from "../../lab/wait";

// docs/hardening.md: each test on one cluster, with a client that writes all the while where it says so.
jest.setTimeout(45 * 60_000);

const lab = new TestLab("hardening-etcd");
const writer = "lab-worker-1";

beforeAll(async () => {
  await lab.must("down");
  await lab.must();
});
afterAll(async () => {
  if (!process.env["KEEP_LAB"]) await lab.must("down");
});

/** `pulumi up`, whose preview says nothing that the update does not say. */
const up = (...args: string[]) => lab.run("pulumi", "up", "--yes", "--skip-preview", ...args);
async function mustUp(...args: string[]): Promise<void> {
  const { code, output } = await up(...args);
  if (code !== 0) throw new Error(`pulumi up ${args.join(" ")}: ${code}\n${output.slice(-8000)}`);
}

/** What a writer recorded while something was done; none of what was acknowledged may be lost. */
async function whileWriting(act: () => Promise<void>): Promise<void> {
  await startWriter(lab, writer);
  await act();
  const records = await stopWriter(lab, writer);
  expect(records.filter(({ acknowledged }) => acknowledged).length).toBeGreaterThan(10);
  expect(await lostWrites(lab, records)).toEqual([]);
}

const manifest = "/etc/kubernetes/manifests/etcd.yaml";

test("no member is run by a manifest that could begin a cluster", async () => {
  for (const host of ["lab-etcd-1", "lab-etcd-2", "lab-etcd-3"]) {
    const flags = await lab.onHost(host, `grep -o -- '--initial-cluster[-a-z]*=.*' ${manifest}`);
    expect(flags.trim().split("\n").sort()).toEqual(
      [
        "--initial-cluster-state=existing",
        "--initial-cluster-token=lab",
        expect.stringMatching(new RegExp(`^--initial-cluster=${host}=https://[0-9.]+:2380$`)),
      ].sort(),
    );
    expect(await lab.onHost(host, "cat /var/lib/kubernetes-ha/applied/etcd-member")).toMatch(
      /^member \w+ of cluster \w+\n$/,
    );
  }
});

test("a member whose data is gone does not start, and joins again with the next run of its step", async () => {
  const host = "lab-etcd-2";
  await whileWriting(async () => {
    await lab.onHost(host, "rm -rf /var/lib/etcd/* && pkill -9 -x etcd");
    await waitFor(
      { what: `etcd of ${host} to say why it does not start`, deadlineSeconds: 300 },
      async (seen) => {
        const log = await lab.onHost(
          host,
          "cat /var/log/pods/kube-system_etcd-*/etcd/*.log | tail -n 40",
        );
        seen(log);
        return log.includes("cannot fetch cluster info from peer urls") ? true : undefined;
      },
    );
    expect(await lab.onHost(host, "ls -A /var/lib/etcd/member/wal 2>/dev/null | wc -l")).toBe(
      "0\n",
    );
    await mustUp("--replace", `**::${host}-etcd`);
  });
  const members = (await etcdctl(lab, "lab-etcd-1", "member list")).trim().split("\n");
  expect(members).toHaveLength(3);
  for (const member of members) expect(member).toMatch(/, started, lab-etcd-\d, .*, false$/);
  await etcdctl(lab, "lab-etcd-1", "endpoint health --cluster");
});

test("a master's bad configuration reaches no other master, and the next run takes it back", async () => {
  const host = "lab-master-1";
  const bad = "/etc/kubernetes/patches/kube-apiserver9+json.yaml";
  const patch = `[{"op": "add", "path": "/spec/containers/0/command/-", "value": "--no-such-flag"}]`;
  await whileWriting(async () => {
    await lab.onHost(host, `echo '${patch}' >${bad}`);
    const { code, output } = await up("--replace", `**::${host}-control-plane`);
    expect(code).not.toBe(0);
    expect(output).toContain(`${host}-control-plane`);
    // The apiserver of before is back by itself.
    await lab.onHost(host, "kubectl --kubeconfig /etc/kubernetes/admin.conf get --raw /readyz");
    await lab.onHost(host, `rm ${bad}`);
    // The configuration is the one of the run before the bad one: all the same there is something to do.
    await mustUp();
    await lab.onHost(host, "kubectl --kubeconfig /etc/kubernetes/admin.conf get --raw /readyz");
  });
  expect(
    await lab.kubectl(
      "-n",
      "kube-system",
      "get",
      "configmap",
      "kubernetes-ha-turn",
      "--ignore-not-found",
    ),
  ).toBe("");
});

test("a host that dies in the middle of a step ends the run, which names host and step", async () => {
  const host = "lab-etcd-3";
  const id = (await lab.admin.placement()).find(({ name }) => name === host)?.instanceId ?? "";
  // The step waits for the lock of its host, in the middle of its command.
  await lab.onHost(host, "systemd-run --quiet flock /run/kubernetes-ha/lock sleep 3600");
  const running = lab.start([
    "pulumi",
    "up",
    "--yes",
    "--skip-preview",
    "--replace",
    `**::${host}-prepare`,
  ]);
  await waitFor({ what: `the step to wait on ${host}`, deadlineSeconds: 300 }, async () => {
    const steps = await lab.onHost(host, "pgrep -f 'flock --timeout' || true");
    return steps === "" ? undefined : true;
  });
  await lab.admin.instance(id, "kill");
  const { code, output } = await running.ended;
  expect(code).not.toBe(0);
  expect(output).toMatch(new RegExp(`${host}-prepare: the host cannot be reached`));
  await lab.admin.instance(id, "start");
  await waitFor({ what: `${host} to boot`, deadlineSeconds: 300 }, async () => {
    const { code: away } = await lab.operator.ssh(host, ["true"], { timeoutSeconds: 15 });
    return away === 0 ? true : undefined;
  });
  await mustUp();
});
