import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EtcdWorld, listed } from "./support/etcdWorld";
import { run, scripts, temporaryDirectory } from "./support/host";

jest.setTimeout(400_000);

const others = [listed("e2", 2), listed("e3", 3)];
const named = { ...listed("e1", 1), clientURLs: [] };

/** It must succeed, and leave the member run by the settled manifest, with the mark that it is one. */
function settles(world: EtcdWorld): void {
  const { status, stdout, stderr } = world.step();
  expect({ status, log: status === 0 ? "" : stdout + stderr }).toEqual({ status: 0, log: "" });
  expect(world.read("etc", "manifests", "etcd.yaml")).toBe(world.settled);
  expect(world.read("state", "applied", "etcd-member")).toMatch(/^member \w+ of cluster c1\n$/);
}

describe("a member that begins", () => {
  test("is settled in the same run, and without a turn: nobody has written yet", () => {
    const world = new EtcdWorld();
    world.members([named, ...others]);
    world.revision(1);
    world.answer("new");
    settles(world);
    expect(world.acts).toEqual(["started new"]);
  });

  test.each(["run_kubelet", "remember", "place"])(
    "goes on after a run cut off before %s",
    (cut) => {
      const world = new EtcdWorld();
      world.members([named, ...others]);
      world.revision(1);
      world.answer("new");
      expect(world.step(cut).status).not.toBe(0);
      settles(world);
      expect(world.acts).toEqual(["started new"]);
    },
  );
});

describe("a member that has lost its data", () => {
  const wiped = (): EtcdWorld => {
    const world = new EtcdWorld().running();
    world.wipe();
    world.answer("replace a1");
    return world;
  };
  const rejoined = ["remove a1", "add learner", "started existing", "promote"];
  const settled = ["turn taken", "turn given"];

  test("leaves the list before it comes back as a learner, and says that it was one", () => {
    const world = wiped();
    settles(world);
    expect(world.acts).toEqual([...rejoined, ...settled]);
    // Its peers were asked once its old manifest was gone.
    expect(world.read("world", "asked")).toBe("member a1 of cluster c1");
  });

  // What the peers answer the second time, and what is done then.
  test.each([
    ["removed", "replace a1", rejoined],
    ["added", "add", rejoined],
    ["place", "replace b1", ["remove a1", "add learner", "remove b1", ...rejoined.slice(1)]],
    ["run_kubelet", "replace b1", ["remove a1", "add learner", "remove b1", ...rejoined.slice(1)]],
  ])("comes back after a run cut off before %s", (cut, again, acts) => {
    const world = wiped();
    expect(world.step(cut).status).not.toBe(0);
    world.answer(again);
    settles(world);
    expect(world.acts).toEqual([...acts, ...settled]);
  });

  test("is promoted after a run cut off when it had started", () => {
    const world = wiped();
    expect(world.step("in_service").status).not.toBe(0);
    settles(world);
    expect(world.acts.filter((act) => act === "promote")).toHaveLength(1);
  });

  test("is not started by its kubelet", () => {
    const world = new EtcdWorld().running();
    expect(
      run("python3", [join(__dirname, "support", "etcdctl.py"), world.root, "pid"]).status,
    ).toBe(0);
    world.wipe();
    expect(
      run("python3", [join(__dirname, "support", "etcdctl.py"), world.root, "pid"]).status,
    ).toBe(1);
  });

  test("stays out, without a manifest, as long as its peers have no quorum", () => {
    const world = wiped();
    world.answer("replace ff");
    const { status, stderr } = world.step(undefined, 2);
    expect(status).not.toBe(0);
    expect(stderr).toContain(
      "takes a quorum; if that is lost for good, docs/runbooks/etcd-data-lost.md",
    );
    expect(existsSync(world.manifest)).toBe(false);
  });
});

describe("a member that serves", () => {
  test("is left alone when nothing has changed", () => {
    const world = new EtcdWorld().running();
    settles(world);
    expect(world.acts).toEqual([]);
  });

  test("gets another release or setting in its turn, which it gives on", () => {
    const world = new EtcdWorld().running();
    world.configure("v3.7.4");
    settles(world);
    expect(world.acts).toEqual(["turn taken", "turn given"]);
  });

  test("takes the phases of its authority one at a time, and refuses one that is skipped before anything else", () => {
    const world = new EtcdWorld().running();
    world.rotation = "2 use";
    world.configure("v3.7.4");
    const { status, stderr } = world.step();
    expect(status).not.toBe(0);
    expect(stderr).toContain(
      'pki.rotation.etcdCa is "2 use" (generation, phase), and this host is at "1 retire": set it to the phase between',
    );
    expect(world.acts).toEqual([]);
    for (const phase of ["2 trust", "2 use", "2 retire"]) {
      world.rotation = phase;
      settles(world);
      expect(world.read("state", "applied", "rotation-etcdCa")).toBe(`${phase}\n`);
    }
    // A machine that has never been a member knows no phase, and takes the one of the day.
    const made = new EtcdWorld();
    made.members([named, ...others]);
    made.revision(1);
    made.answer("new");
    made.rotation = "3 use";
    settles(made);
  });

  test("gets another release of its kubelet in its turn as well, with or without one of etcd", () => {
    const world = new EtcdWorld().running();
    world.kubeletWaits();
    settles(world);
    expect(world.acts).toEqual(["turn taken", "restart kubelet", "turn given"]);
    expect(world.read("kubelet")).toBe("kubelet.next");
    expect(world.read("state", "applied", "artifact.kubelet")).toBe("artifact.kubelet.next");
    world.kubeletWaits();
    world.configure("v3.7.4");
    settles(world);
    expect(world.acts.slice(3)).toEqual(["turn taken", "restart kubelet", "turn given"]);
  });

  test("is settled when an older manifest lists all members", () => {
    const world = new EtcdWorld().running();
    world.place(world.settled.replace("existing", "new"));
    settles(world);
    expect(world.acts).toEqual(["turn taken", "turn given"]);
  });

  test("is left as it is while another member is not healthy, and holds nobody up", () => {
    const world = new EtcdWorld().running();
    const before = world.settled;
    world.configure("v3.7.4");
    world.fact("unhealthy", true);
    const { status, stderr } = world.step(undefined, 2);
    expect(status).not.toBe(0);
    expect(stderr).toContain("all other members of etcd healthy; e1 stays as it is meanwhile");
    expect(world.read("etc", "manifests", "etcd.yaml")).toBe(before);
    expect(world.acts).toEqual(["turn taken", "turn given"]);
  });

  test("lets those pass that wait, if it is the leader", () => {
    const world = new EtcdWorld().running();
    world.configure("v3.7.4");
    world.fact("leads", true);
    world.fact("queue", true);
    const { status } = world.step();
    expect(status).toBe(0);
    // Somebody waits for as long as it looks: then it goes, too.
    expect(world.acts).toEqual(["lets pass", "turn taken", "turn given"]);
  });

  test("good, bad, good: what does not start gives way to what ran before, and the turn is free", () => {
    const world = new EtcdWorld().running();
    const before = world.settled;
    world.configure("bad");
    const { status, stderr } = world.step(undefined, 2);
    expect(status).not.toBe(0);
    expect(stderr).toContain("etcd member e1 in service by its new manifest: not so");
    expect(stderr).toContain("the member of before is back");
    expect(world.read("etc", "manifests", "etcd.yaml")).toBe(before);
    expect(world.acts).toEqual(["turn taken", "turn given"]);
    world.configure("v3.7.3");
    settles(world);
    // It serves by that already.
    expect(world.acts).toEqual(["turn taken", "turn given"]);
  });
});

test.each([
  ["empty", ""],
  ["partial", "image: v3.7.3\n- name: initial-clus"],
])("a manifest that is %s after a power loss counts as none", (_, content) => {
  const world = new EtcdWorld().running();
  world.place(content);
  settles(world);
  expect(world.acts).toEqual([]);
});

/** Functions of etcd.sh, without what it does. */
const body = readFileSync(join(scripts, "etcd.sh"), "utf8").replace(/^main "\$@".*$/m, "");

test("a member has data once its log is there: what a failed start leaves behind is none", () => {
  const data = temporaryDirectory();
  const directory = temporaryDirectory();
  writeFileSync(join(directory, "params"), `DATA_DIR=${data}\nNODE_CONFIG=\n`);
  const env = { PARAMS: join(directory, "params"), STEP_DIR: scripts };
  const hasData = () => run("bash", ["-c", `${body}\nhas_data`], "", env).status === 0;
  expect(hasData()).toBe(false);
  mkdirSync(join(data, "member", "snap"), { recursive: true });
  writeFileSync(join(data, "member", "snap", "db"), "");
  expect(hasData()).toBe(false);
  mkdirSync(join(data, "member", "wal"));
  expect(hasData()).toBe(false);
  writeFileSync(join(data, "member", "wal", "0000000000000000-0000000000000000.wal"), "");
  expect(hasData()).toBe(true);
});

test.each([
  ["is started anew, as it would end no member of before", 7, "/k.yaml", true],
  ["takes it up by itself once its apiserver answers", 0, "/k.yaml", false],
  ["that has no apiserver takes it up by itself", 7, "", false],
])("with another manifest the kubelet %s", (_, curl, config, anew) => {
  const directory = temporaryDirectory();
  writeFileSync(
    join(directory, "params"),
    `NODE_CONFIG=${config}\nMEMBER_NAME=m1\nMEMBER_ADDRESS=10.0.0.64\nAPI_PORT=6443\n`,
  );
  const stubs =
    "phase() { :; }; wait_until() { :; }; same() { return 1; }; listens() { return 1; }; pgrep() { echo 42; };" +
    `place() { echo place; }; kill() { echo "kill $*"; }; systemctl() { echo "$*"; }; curl() { return ${curl}; }`;
  const env = { PARAMS: join(directory, "params"), STEP_DIR: scripts };
  const { stdout, status } = run("bash", ["-c", `${body}\n${stubs}\napply manifest`], "", env);
  expect(status).toBe(0);
  expect(stdout.trim().split("\n")).toEqual(
    anew ? ["stop kubelet", "kill 42", "place", "start kubelet"] : ["place"],
  );
});

test("a master's kubeconfigs speak to its own apiserver, made by kubeadm where they are not there", () => {
  const directory = temporaryDirectory();
  const conf = (kind: string) => join(directory, `${kind}.conf`);
  writeFileSync(conf("kubelet"), "clusters:\n- cluster:\n    server: https://api.lab:8443\n");
  const script = readFileSync(join(scripts, "local-kubeconfigs.sh"), "utf8").replaceAll(
    "/etc/kubernetes",
    directory,
  );
  writeFileSync(
    join(directory, "kubeadm"),
    `#!/bin/sh\necho "$*" >>${directory}/calls\necho "    server: https://other" >${directory}/$4.conf\n`,
    { mode: 0o755 },
  );
  const args = ["/k.yaml", "https://10.0.0.64:6443", "kubelet", "admin"];
  for (let runs = 0; runs < 2; runs++) {
    const path = `${directory}:${process.env.PATH ?? ""}`;
    expect(run("bash", ["-c", script, "", ...args], "", { PATH: path }).status).toBe(0);
  }
  expect(readFileSync(join(directory, "calls"), "utf8")).toBe(
    "init phase kubeconfig admin --config /k.yaml\n",
  );
  for (const kind of ["kubelet", "admin"])
    expect(readFileSync(conf(kind), "utf8")).toMatch(/^ {4}server: https:\/\/10\.0\.0\.64:6443$/m);
});
