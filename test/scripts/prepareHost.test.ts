import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, scripts, temporaryDirectory } from "./support/host";

/** Runs calls on a host that remembers what is in a directory. @returns the services that were stopped. */
function stopped(directory: string, calls: string): string[] {
  const lib = readFileSync(join(scripts, "lib.sh"), "utf8");
  writeFileSync(join(directory, "params"), "");
  writeFileSync(
    join(directory, "lib.sh"),
    lib.replace("STATE_DIR=/var/lib/kubernetes-ha", `STATE_DIR=${directory}`),
  );
  const stubs = `phase() { :; }; systemctl() { echo "$*"; }`;
  const body = `source ${directory}/lib.sh\n${stubs}\n${calls}`;
  const { status, stdout, stderr } = run("bash", ["-euo", "pipefail", "-c", body], "", {
    PARAMS: join(directory, "params"),
  });
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return stdout.trim().split("\n").filter(Boolean);
}

test("a service that is wanted no more is stopped once, all others are left alone", () => {
  const host = temporaryDirectory();
  const step = (...units: string[]) =>
    stopped(host, `remember wanted-services $'${units.join("\\n")}'; stop_unwanted`);
  expect(step("chrony", "haproxy", "containerd")).toEqual([]);
  expect(step("chrony", "nginx", "containerd")).toEqual(["--quiet disable --now haproxy"]);
  expect(step("chrony", "nginx", "containerd")).toEqual([]);
  expect(step("chrony", "containerd")).toEqual(["--quiet disable --now nginx"]);
});
