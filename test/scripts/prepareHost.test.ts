import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, scripts, temporaryDirectory } from "./support/host";

/** Functions of prepare-host.sh, without what it does. */
const body = readFileSync(join(scripts, "prepare-host.sh"), "utf8").replace(/^main "\$@".*$/m, "");

/** Runs calls on a host that remembers what is in a directory. @returns the services that were stopped. */
function stopped(directory: string, calls: string): string[] {
  const lib = readFileSync(join(scripts, "lib.sh"), "utf8");
  writeFileSync(join(directory, "params"), "");
  writeFileSync(
    join(directory, "lib.sh"),
    lib.replace("STATE_DIR=/var/lib/kubernetes-ha", `STATE_DIR=${directory}`),
  );
  const stubs = `phase() { :; }; systemctl() { echo "$*"; }`;
  const { status, stdout, stderr } = run("bash", ["-c", `${body}\n${stubs}\n${calls}`], "", {
    PARAMS: join(directory, "params"),
    STEP_DIR: directory,
  });
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return stdout.trim().split("\n").filter(Boolean);
}

test("a service that is wanted no more is stopped once, all others are left alone", () => {
  const host = temporaryDirectory();
  const step = (...services: string[]) =>
    stopped(host, `SERVICES=(${services.map((each) => `"${each}"`).join(" ")}); stop_unwanted`);
  expect(step("chrony /etc/chrony", "haproxy /a -- /b", "containerd /c")).toEqual([]);
  expect(step("chrony /etc/chrony", "nginx /a -- /b", "containerd /c")).toEqual([
    "--quiet disable --now haproxy",
  ]);
  expect(step("chrony /etc/chrony", "nginx /a -- /b", "containerd /c")).toEqual([]);
  expect(step("chrony /etc/chrony", "containerd /c")).toEqual(["--quiet disable --now nginx"]);
});
