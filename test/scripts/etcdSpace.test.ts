import { chmodSync, mkdirSync, readFileSync, writeFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { run, scripts, temporaryDirectory, type Ended } from "./support/host";

const MiB = 1024 ** 2;

interface Member {
  size: number;
  used: number;
}

/** Members as files: their sizes, who leads, who is silent, the alarm. Writing a database anew leaves what is used. */
const etcdctl = `#!/usr/bin/env python3
import json, os, subprocess, sys
root = os.environ["ROOT"]
path = lambda name: os.path.join(root, name)
state = json.load(open(path("state")))
words = [w for w in sys.argv[1:]]
endpoints = words[words.index("--endpoints") + 1].split(",")
def act(text):
    open(path("acts"), "a").write(text + "\\n")
def save():
    json.dump(state, open(path("state"), "w"))
names = {"https://10.0.0.%d:2379" % n: "e%d" % n for n in (1, 2, 3)}
if "status" in words:
    said = []
    for endpoint in endpoints:
        name = names[endpoint]
        if name in state["silent"]: continue
        m = state["members"][name]
        said.append({"Endpoint": endpoint, "Status": {"header": {"member_id": int(name[1])}, "leader": int(state["leader"][1]),
            "dbSize": m["size"], "dbSizeInUse": m["used"], "dbSizeQuota": state["quota"], **({"errors": ["memberID:1 alarm:NOSPACE"]} if state["alarm"] else {})}})
    print(json.dumps(said))
    sys.exit(1 if len(said) < len(endpoints) else 0)
own = names[endpoints[0]]
if "defrag" in words:
    act("defrag " + own + (" leading" if state["leader"] == own else ""))
    state["members"][own]["size"] = state["members"][own]["used"]
    save()
elif "move-leader" in words:
    state["leader"] = "e" + words[-1]
    act("lead to " + state["leader"])
    save()
elif "disarm" in words:
    state["alarm"] = False
    act("disarm")
    save()
elif "lock" in words:
    if state["alarm"]: sys.exit("no space")
    act("turn taken")
    status = subprocess.run(words[words.index("kubernetes-ha/etcd-turn") + 1:]).returncode
    act("turn given")
    sys.exit(status)
`;

class World {
  readonly root = temporaryDirectory();
  readonly state = {
    members: {} as Record<string, Member>,
    ...{ silent: [] as string[], leader: "e2", alarm: false, quota: 8192 * MiB },
  };

  constructor(size: number, used: number) {
    for (const name of ["e1", "e2", "e3"])
      this.state.members[name] = { size: size * MiB, used: used * MiB };
    for (const directory of ["bin", "scripts"]) mkdirSync(join(this.root, directory));
    writeFileSync(join(this.root, "bin/etcdctl"), etcdctl);
    chmodSync(join(this.root, "bin/etcdctl"), 0o755);
    for (const name of ["lib.sh", "etcd-space.sh", "etcd-space.py"])
      writeFileSync(
        join(this.root, "scripts", name),
        readFileSync(join(scripts, name), "utf8")
          .replaceAll("/var/lib/prometheus", `${this.root}/prometheus`)
          .replace("HEALTH_SECONDS=60", "HEALTH_SECONDS=1")
          .replace("ANSWER_SECONDS=120", "ANSWER_SECONDS=1"),
      );
  }

  /** The timer of a member fires. */
  at(member: number): Ended {
    writeFileSync(join(this.root, "state"), JSON.stringify(this.state));
    const endpoints = [1, 2, 3].map((n) => `https://10.0.0.${n}:2379`).join(",");
    writeFileSync(
      join(this.root, "params"),
      `MEMBER_ADDRESS=10.0.0.${member}\nENDPOINTS=${endpoints}\n`,
    );
    const ended = run("bash", [join(this.root, "scripts/etcd-space.sh")], "", {
      ROOT: this.root,
      PATH: `${join(this.root, "bin")}:${process.env.PATH ?? ""}`,
      PARAMS: join(this.root, "params"),
    });
    Object.assign(this.state, JSON.parse(this.read("state")));
    return ended;
  }

  read(path: string): string {
    const file = join(this.root, path);
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  }
  get acts(): string[] {
    return this.read("acts").split("\n").filter(Boolean);
  }
  metric(name: string): number {
    const metrics = this.read("prometheus/node-exporter/kubernetes-ha-etcd-space.prom");
    const line = metrics.split("\n").find((each) => each.startsWith(`kubernetes_ha_etcd_${name} `));
    return Number(line?.split(" ")[1]);
  }
}

test.each([
  ["is small", 200, 10],
  ["is in use for the most part", 1000, 600],
])("a database that %s is left alone", (_, size, used) => {
  const world = new World(size, used);
  expect(world.at(1)).toMatchObject({ status: 0, stderr: "" });
  expect(world.acts).toEqual([]);
  expect(world.metric('database_bytes{part="file"}')).toBe(size * MiB);
  expect(world.metric("alarm")).toBe(0);
});

test("one that is unused for the most part is written anew, in the member's turn", () => {
  const world = new World(1000, 100);
  expect(world.at(1).status).toBe(0);
  expect(world.acts).toEqual(["turn taken", "defrag e1", "turn given"]);
  expect(world.metric('database_bytes{part="file"}')).toBe(100 * MiB);
});

test("a leader hands its lead on first", () => {
  const world = new World(1000, 100);
  expect(world.at(2).status).toBe(0);
  expect(world.acts).toEqual(["turn taken", "lead to e1", "defrag e2", "turn given"]);
});

test("not while another member is away", () => {
  const world = new World(1000, 100);
  world.state.silent = ["e3"];
  expect(world.at(1).status).toBe(0);
  expect(world.acts).toEqual([]);
});

test("a member that does not answer is told, with what it has not", () => {
  const world = new World(1000, 100);
  world.state.silent = ["e1"];
  const { status, stderr } = world.at(1);
  expect(status).not.toBe(0);
  expect(stderr).toContain("this member of etcd does not answer");
  expect(world.metric('database_bytes{part="file"}')).toBe(0);
});

test("after an alarm each member makes room, without a turn, and the last one ends it", () => {
  const world = new World(8192, 4000);
  world.state.alarm = true;
  expect(world.at(1).status).toBe(0);
  expect(world.state.alarm).toBe(true);
  expect(world.metric("alarm")).toBe(1);
  expect(world.at(2).status).toBe(0);
  expect(world.at(3).status).toBe(0);
  expect(world.acts).toEqual(["defrag e1", "lead to e1", "defrag e2", "defrag e3", "disarm"]);
  expect(world.metric("alarm")).toBe(0);
});

test.each([
  [
    "databases stay full",
    (world: World) =>
      Object.values(world.state.members).forEach((each) => (each.used = 8000 * MiB)),
  ],
  ["a member is away", (world: World) => (world.state.silent = ["e3"])],
])("the alarm stays while %s", (_, change) => {
  const world = new World(8192, 4000);
  world.state.alarm = true;
  change(world);
  for (const member of [1, 2]) expect(world.at(member).stdout).toContain("the alarm stays");
  expect(world.state.alarm).toBe(true);
});
