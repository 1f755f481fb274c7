import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Ended, run, scripts, temporaryDirectory } from "./support/host";

const peers = [
  "10.0.0.16 ssh-ed25519 AAAA1 p-etcd-1 etcd",
  "10.0.0.17 ssh-ed25519 AAAA2 p-etcd-2 etcd",
  "10.0.0.64 ssh-ed25519 AAAA3 p-master-1 controlPlane",
  "10.0.0.65 ssh-ed25519 AAAA4 p-master-2 controlPlane",
];

/** A bastion whose ssh notes what was asked of whom, and ends as `answers` says for an address or a whole request. */
class Bastion {
  readonly root = temporaryDirectory();

  constructor(answers: Record<string, number> = {}) {
    this.program(
      "ssh",
      `target=\${@: -2:1}; request=\${@: -1}; echo "\${target#*@} $request" >>${this.root}/asked
known=$(printf '%s\\n' "$@" | sed -n 's/^UserKnownHostsFile=//p'); cat "$known" >${this.root}/known
case "\${target#*@} $request" in
${Object.entries(answers)
  .map(([what, code]) => `  ${what.replaceAll(" ", "\\ ")}*) exit ${code} ;;`)
  .join("\n")}
esac`,
    );
    this.program("ssh-add", `cat >${this.root}/key`);
    writeFileSync(join(this.root, "peers"), `${peers.join("\n")}\n`);
  }

  private program(name: string, body: string): void {
    writeFileSync(join(this.root, name), `#!/usr/bin/env bash\n${body}\n`);
    chmodSync(join(this.root, name), 0o755);
  }

  /** Takes a member out; rounds over the peers end after the first. */
  depart(member: string, address: string, duties: string): Ended {
    const body = readFileSync(join(scripts, "run-departure.sh"), "utf8").replace(
      "ROUNDS_SECONDS=300",
      "ROUNDS_SECONDS=0",
    );
    writeFileSync(join(this.root, "departure.sh"), body);
    const told = [member, address, "ssh-ed25519 AAAA9", duties, "300", "fail"];
    return run("bash", [join(this.root, "departure.sh"), ...told], "the key", {
      PATH: `${this.root}:${process.env.PATH ?? ""}`,
      PEERS: join(this.root, "peers"),
      HOME: this.root,
    });
  }

  read(name: "asked" | "known" | "key"): string[] {
    return readFileSync(join(this.root, name), "utf8").trim().split("\n");
  }
}

/** What was asked, by a departure that went well. */
function asked(bastion: Bastion, ...args: Parameters<Bastion["depart"]>): string[] {
  const { status, stdout, stderr } = bastion.depart(...args);
  expect({ status, log: status === 0 ? "" : stdout + stderr }).toEqual({ status: 0, log: "" });
  return bastion.read("asked");
}

test("a worker is drained by a master, then its node is removed", () => {
  expect(asked(new Bastion(), "p-general-1", "10.0.1.1", "worker")).toEqual([
    "10.0.0.64 drain p-general-1 300 fail",
    "10.0.0.64 forget p-general-1",
  ]);
});

test("masters are asked in turn, the dead and the unfit passed over", () => {
  const dead = { "10.0.0.64": 255 };
  expect(asked(new Bastion(dead), "p-general-1", "10.0.1.1", "worker")).toEqual([
    "10.0.0.64 drain p-general-1 300 fail",
    "10.0.0.65 drain p-general-1 300 fail",
    "10.0.0.64 forget p-general-1",
    "10.0.0.65 forget p-general-1",
  ]);
});

test("a master leaves with the help of another one: drained, stopped, removed", () => {
  const bastion = new Bastion();
  expect(asked(bastion, "p-master-3", "10.0.0.66", "controlPlane")).toEqual([
    "10.0.0.64 drain p-master-3 300 fail",
    "10.0.0.66 stop p-master-3",
    "10.0.0.64 forget p-master-3",
  ]);
  // Those who leave are not among the members of the day.
  expect(bastion.read("known").at(-1)).toBe("10.0.0.66 ssh-ed25519 AAAA9 p-master-3");
});

test("nothing is needed of a master that is dead", () => {
  const dead = { "10.0.0.66": 255 };
  expect(asked(new Bastion(dead), "p-master-3", "10.0.0.66", "controlPlane")).toHaveLength(3);
});

test("a member of etcd is taken out of the list when it goes, and keeps its place when it is made anew", () => {
  expect(asked(new Bastion(), "p-etcd-3", "10.0.0.18", "etcd")).toEqual([
    "10.0.0.16 member p-etcd-3 10.0.0.18 goes",
  ]);
  // Never asked itself.
  expect(asked(new Bastion(), "p-etcd-1", "10.0.0.16", "etcd")).toEqual([
    "10.0.0.17 member p-etcd-1 10.0.0.16 stays",
  ]);
});

test("a master that holds a member of etcd leaves the list when nothing writes through it any more", () => {
  const stacked = new Bastion();
  const list = peers.slice(2).map((line) => `${line} etcd`);
  writeFileSync(join(stacked.root, "peers"), `${list.join("\n")}\n`);
  expect(asked(stacked, "p-master-3", "10.0.0.66", "controlPlane,etcd")).toEqual([
    "10.0.0.64 drain p-master-3 300 fail",
    "10.0.0.66 stop p-master-3",
    "10.0.0.64 member p-master-3 10.0.0.66 goes",
    "10.0.0.64 forget p-master-3",
  ]);
});

test("a refusal is final, and names who refused what", () => {
  const bastion = new Bastion({ "10.0.0.64 drain": 1 });
  const { status, stderr } = bastion.depart("p-general-1", "10.0.1.1", "worker");
  expect(status).toBe(1);
  expect(stderr).toContain("p-master-1 refuses: drain p-general-1 300 fail");
  expect(bastion.read("asked")).toHaveLength(1);
});

describe("without an API", () => {
  const none = { "10.0.0.64": 75, "10.0.0.65": 255 };

  test("nobody leaves for good", () => {
    const { status, stderr } = new Bastion(none).depart("p-general-1", "10.0.1.1", "worker");
    expect(status).toBe(1);
    expect(stderr).toContain("no other master serves: p-general-1 cannot leave before one does");
  });

  test("a master is made anew all the same: it may be what brings the API back", () => {
    const bastion = new Bastion(none);
    expect(asked(bastion, "p-master-1", "10.0.0.64", "controlPlane")).toContain(
      "10.0.0.64 stop p-master-1",
    );
  });
});

test("the key is in no argument and in no file of this script's", () => {
  const bastion = new Bastion();
  asked(bastion, "p-general-1", "10.0.1.1", "worker");
  expect(bastion.read("key")).toEqual(["the key"]);
  const text = readFileSync(join(scripts, "run-departure.sh"), "utf8");
  expect(text).toMatch(/^ {2}ssh-add -q -$/m);
});
