import { join } from "node:path";
import { parseClusterConfig, planCluster } from "../../../../components/plan";
import { Hosts } from "../../../../operations/restore/hosts";
import { restoreSnapshot } from "../../../../operations/restore/procedure";
import { minimalConfig } from "../../plan/fixture";

const snapshot = { host: "prod-etcd-1", path: "/kept/etcd-1.db", bytes: 7, sha256: "ab" };

interface Request {
  params: Record<string, unknown>;
}

/** Hosts that do as they are told, and one act of one host that fails. */
function hostsThat(fail?: { act: string; host: string }) {
  const acts: string[] = [];
  const params = new Map<string, Request["params"]>();
  const run = (command: string[], { input = "" }: { input?: string } = {}) => {
    const line = command.join(" ");
    const host = command[0] === "ssh" ? (command[3] ?? "") : "";
    const step = /run-step\.sh (\S+)/.exec(line)?.[1];
    let act: string;
    if (step !== undefined) {
      const request = JSON.parse(input) as Request;
      act = step === "etcd" ? "etcd" : String(request.params["ACT"]);
      params.set(`${act} ${host}`, request.params);
    } else act = line.includes("dd of=") ? "copy" : "scripts";
    acts.push(act);
    const bad = fail?.act === act && fail.host === host;
    return Promise.resolve({
      code: bad ? 1 : 0,
      stdout: "",
      stderr: bad ? `${act} is not possible` : "",
    });
  };
  return { hosts: new Hosts("/access", run), acts, params };
}

/** Runs of the same act as one. */
const inOrder = (acts: readonly string[]) => acts.filter((act, index) => act !== acts[index - 1]);

const planOf = (topology: "external" | "stacked") => {
  const config = minimalConfig();
  return planCluster(
    parseClusterConfig(topology === "external" ? config : { ...config, etcd: { topology } }),
  );
};

const restore = (hosts: Hosts, topology: "external" | "stacked" = "external") =>
  restoreSnapshot(planOf(topology), snapshot, {
    hosts,
    at: new Date("2026-11-26T13:44:00Z"),
    tell: () => undefined,
  });

test("all hosts do one act before any does the next", async () => {
  const { hosts, acts } = hostsThat();
  await restore(hosts);
  expect(inOrder(acts)).toEqual([
    ...["scripts", "receive", "copy", "prepare"],
    ...["stop", "exchange", "etcd", "start"],
  ]);
  const count = (act: string) => acts.filter((each) => each === act).length;
  expect([count("prepare"), count("stop"), count("etcd"), count("start")]).toEqual([3, 6, 3, 6]);
});

test("members are told what `up` tells them, and a token that no cluster has had", async () => {
  const { hosts, params } = hostsThat();
  await restore(hosts);
  const member = {
    DATA_DIR: "/var/lib/etcd",
    MEMBER_NAME: "prod-etcd-2",
    MEMBER_ADDRESS: "10.0.0.97",
    MEMBERS: [96, 97, 98].map((n, index) => `prod-etcd-${index + 1}=https://10.0.0.${n}:2380`),
    KUBEADM_CONFIG: "/etc/kubernetes/etcd.yaml",
    NODE_CONFIG: "",
    API_PORT: 6443,
    ROTATIONS: ["etcdCa 1 retire"],
  };
  expect(params.get("etcd prod-etcd-2")).toEqual(member);
  expect(params.get("prepare prod-etcd-2")).toEqual({
    ...{
      ...member,
      ACT: "prepare",
      RUN: "20261126T134400Z",
      TOKEN: "prod-20261126T134400Z",
      REVISION: 17_957_006_400_000,
      BYTES: 7,
      SHA256: "ab",
      IDENTITY: "",
    },
  });
});

test("with stacked etcd a host is a master and a member", async () => {
  const { hosts, acts } = hostsThat();
  await restore(hosts, "stacked");
  expect(acts.filter((act) => act === "stop")).toHaveLength(3);
});

test.each(["scripts", "receive", "prepare"])(
  "what fails until members have made their data touches nothing: %s",
  async (act) => {
    const { hosts, acts } = hostsThat({ act, host: act === "scripts" ? "" : "prod-etcd-2" });
    await expect(restore(hosts)).rejects.toThrow(`${act} is not possible`);
    expect(acts).not.toContain("stop");
    if (act !== "scripts") expect(acts).toContain("forget");
  },
);

test.each(["stop", "exchange", "etcd"])(
  "what fails after that is told with its host, and no host does the next act: %s",
  async (act) => {
    const { hosts, acts } = hostsThat({ act, host: "prod-etcd-2" });
    await expect(restore(hosts)).rejects.toThrow(
      `prod-etcd-2: ${act} is not possible\nthe cluster is down now: mend the cause and run the same again`,
    );
    expect(acts.at(-1)).toBe(act);
  },
);

test("files with a quote in their path go to the shell as they are", async () => {
  const commands: string[][] = [];
  const hosts = new Hosts("/access", (command) => {
    commands.push(command);
    return Promise.resolve({ code: 0, stdout: "", stderr: "" });
  });
  await hosts.copy({ path: "/tmp/it's.db" }, "prod-etcd-1", "/x");
  expect(commands[0]?.at(-1)).toBe(
    `'cat' '/tmp/it'\\''s.db' | 'ssh' '-F' '${join("/access", "ssh_config")}' 'prod-etcd-1' 'sudo dd of=/x bs=1M conv=fsync status=none'`,
  );
});
