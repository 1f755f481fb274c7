import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, scripts, temporaryDirectory, type Ended } from "./support/host";

/** Functions of etcd.sh, without what it does. */
const body = readFileSync(join(scripts, "etcd.sh"), "utf8").replace(/^main "\$@".*$/m, "");

/** Calls functions of etcd.sh on a host whose data disk is `data`. */
function member(data: string, calls: string): Ended {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, "params"), `DATA_DIR=${data}\nNODE_CONFIG=\n`);
  return run("bash", ["-c", `${body}\n${calls}`], "", {
    PARAMS: join(directory, "params"),
    STEP_DIR: scripts,
  });
}

const hasData = (data: string) => member(data, "has_data").status === 0;

test("a member has data once its log is there: what a failed start leaves behind is none", () => {
  const data = temporaryDirectory();
  expect(hasData(data)).toBe(false);
  mkdirSync(join(data, "member", "snap"), { recursive: true });
  writeFileSync(join(data, "member", "snap", "db"), "");
  expect(hasData(data)).toBe(false);
  mkdirSync(join(data, "member", "wal"));
  expect(hasData(data)).toBe(false);
  writeFileSync(join(data, "member", "wal", "0000000000000000-0000000000000000.wal"), "");
  expect(hasData(data)).toBe(true);
});

test("a manifest of an emptied member goes before its peers are asked", () => {
  const directory = temporaryDirectory();
  const manifest = join(directory, "etcd.yaml");
  writeFileSync(manifest, "kind: Pod\n");
  const script = body.replace("/etc/kubernetes/manifests/etcd.yaml", manifest);
  writeFileSync(join(directory, "params"), "NODE_CONFIG=\n");
  const calls = `ended() { [[ ! -e ${manifest} ]]; }\nstop_member\nstop_member`;
  const { status, stdout } = run("bash", ["-c", `${script}\n${calls}`], "", {
    PARAMS: join(directory, "params"),
    STEP_DIR: scripts,
  });
  expect(status).toBe(0);
  expect(stdout.match(/stopping a member without data/g)).toHaveLength(1);
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
