import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, scripts, temporaryDirectory } from "./support/host";

/** take-out.sh with scripts that say what they were asked, below a directory. */
function takeOut(request: string) {
  const root = temporaryDirectory();
  const installed = join(root, "lib");
  mkdirSync(installed);
  for (const name of ["leave-node.sh", "leave-etcd.sh", "leave-control-plane.sh"])
    writeFileSync(join(installed, name), `echo "${name} $* $PARAMS $STEP_DIR"\n`);
  const body = readFileSync(join(scripts, "take-out.sh"), "utf8")
    .replaceAll("/usr/local/lib/kubernetes-ha", installed)
    .replaceAll("/run/kubernetes-ha", join(root, "run"));
  const file = join(root, "take-out.sh");
  writeFileSync(file, body);
  chmodSync(file, 0o755);
  const { status, stdout, stderr } = run("bash", [file, request]);
  return { status, said: stdout.replaceAll(installed, "LIB").trim(), stderr };
}

const conf = (duty: string) => `/etc/kubernetes-ha/certificates/${duty}.conf LIB`;

test.each([
  [
    "drain p-general-1 300 fail",
    `leave-node.sh drain p-general-1 300 fail ${conf("control-plane")}`,
  ],
  ["forget p-general-1", `leave-node.sh forget p-general-1 ${conf("control-plane")}`],
  [
    "member p-etcd-1 10.0.0.16 goes",
    `leave-etcd.sh member p-etcd-1 10.0.0.16 goes ${conf("etcd")}`,
  ],
  ["stop p-master-1", `leave-control-plane.sh stop p-master-1 ${conf("control-plane")}`],
])("%s is carried out", (request, said) => {
  expect(takeOut(request)).toMatchObject({ status: 0, said });
});

test.each([
  "",
  "drain p-general-1",
  "drain p-general-1 300 fail; reboot",
  "drain $(reboot) 300 fail",
  "drain --all 300 fail",
  "forget p-general-1 p-general-2",
  "forget ../p",
  "member p-etcd-1 10.0.0.16 perhaps",
  "stop p-master-1\nreboot",
  "in-turn p-etcd-1 10.0.0.16",
  "reboot",
])("%j is refused", (request) => {
  const { status, said, stderr } = takeOut(request);
  expect({ status, said }).toEqual({ status: 64, said: "" });
  expect(stderr).toContain("no request of a departure");
});
