import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { run, scripts, temporaryDirectory } from "./support/host";

const pem = "-----BEGIN PRIVATE KEY-----\nAA\n-----END PRIVATE KEY-----\n";

/** Runs a step of a line of bash, on a host that is a directory with some files, with a `sync` that keeps what had been done when it was called. */
function step(line: string, files: Record<string, string> = {}) {
  const host = temporaryDirectory();
  for (const path of [
    "etc/kubernetes/manifests",
    "run/kubernetes-ha",
    "var/lib/kubernetes-ha",
    "bin",
  ])
    mkdirSync(join(host, path), { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(host, path)), { recursive: true });
    writeFileSync(join(host, path), content);
  }
  copyFileSync(join(scripts, "place-files.py"), join(host, "place-files.py"));
  const text = readFileSync(join(scripts, "run-locked.sh"), "utf8");
  writeFileSync(
    join(host, "run-locked.sh"),
    text.replaceAll(/(?<=[ =")])\/(?=(etc|run|var)\/)/g, `${host}/`),
  );
  writeFileSync(join(host, "a-step.sh"), `set -e\ncd ${host}\n${line}\n`);
  writeFileSync(join(host, "request"), JSON.stringify({ params: {}, files: [] }));
  writeFileSync(
    join(host, "bin/sync"),
    `#!/bin/sh\ncd ${host}; echo "sync $*; kept: $(cd var/lib/kubernetes-ha/manifests && ls | xargs)"\n`,
  );
  chmodSync(join(host, "bin/sync"), 0o755);
  const ended = run("bash", [join(host, "run-locked.sh"), "a-step", join(host, "request")], "", {
    PATH: `${host}/bin:${process.env.PATH ?? ""}`,
  });
  return { ...ended, stdout: ended.stdout.replaceAll(host, ""), host };
}

test("a step is done when all it wrote, and a copy of the manifests, is on the disk", () => {
  const write = "echo new >etc/kubernetes/manifests/etcd.yaml; echo stepped";
  expect(step(write)).toMatchObject({
    status: 0,
    stdout: "stepped\nsync --file-system /etc /var/lib; kept: etcd.yaml\na-step: done\n",
  });
});

test("a step that failed is not done, and its manifests are kept by nobody", () => {
  const { status, stdout, host } = step("echo new >etc/kubernetes/manifests/etcd.yaml; false");
  expect(status).not.toBe(0);
  expect(stdout).toBe("");
  expect(() => readFileSync(join(host, "var/lib/kubernetes-ha/manifests/etcd.yaml"))).toThrow();
});

test.each([
  ["etc/kubernetes/pki/apiserver.crt", pem.slice(0, 30)],
  ["etc/kubernetes/pki/etcd/server.key", ""],
  ["etc/kubernetes/pki/sa.pub", "\0".repeat(40)],
  ["etc/kubernetes/kubelet.conf", "apiVersion: v1\nkind: Con"],
  ["etc/kubernetes/admin.conf", `kind: Config\n${"\0".repeat(9)}`],
  ["etc/kubernetes/manifests/etcd.yaml", ""],
])("what a loss of power left in pieces counts as absent: %s", (path, left) => {
  expect(step(`[[ ! -e ${path} ]] && echo absent`, { [path]: left }).stdout).toMatch(
    new RegExp(`^/${path}: is not whole, made anew\nabsent\n`),
  );
});

test("a certificate goes with its key", () => {
  const [key, certificate] = [
    "etc/kubernetes/pki/apiserver.key",
    "etc/kubernetes/pki/apiserver.crt",
  ];
  expect(step("ls etc/kubernetes/pki", { [key]: "", [certificate]: pem }).stdout).toMatch(
    /^\/etc\/kubernetes\/pki\/apiserver\.key: is not whole, made anew\nsync/,
  );
});

test.each([
  ["etc/kubernetes/pki/apiserver.crt", pem],
  ["etc/kubernetes/pki/etcd/server.key", pem.trimEnd()],
  ["etc/kubernetes/kubelet.conf", "kind: Config\n"],
  ["etc/kubernetes/manifests/etcd.yaml", "kind: Pod\n"],
])("what is whole stays: %s", (path, whole) => {
  expect(step(`cat ${path}`, { [path]: whole }).stdout.startsWith(whole)).toBe(true);
});
