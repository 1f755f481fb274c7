import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { run, scripts, temporaryDirectory, type Ended } from "./support/host";

/** A host of Harbor with systemd, the kubelet and curl, as files. */
class World {
  readonly root = temporaryDirectory();
  release = "v2.15.2";

  constructor() {
    for (const directory of ["bin", "scripts", "units", "registry", "kubelet", "state/applied"])
      mkdirSync(join(this.root, directory), { recursive: true });
    for (const name of readdirSync(scripts))
      writeFileSync(
        join(this.root, "scripts", name),
        readFileSync(join(scripts, name), "utf8")
          .replaceAll("/etc/kubernetes-ha/registry", `${this.root}/registry`)
          .replaceAll("/etc/kubernetes-ha/harbor", `${this.root}/harbor`)
          .replaceAll("/etc/kubernetes/manifests", `${this.root}/manifests`)
          .replaceAll("/etc/systemd/system", `${this.root}/units`)
          .replaceAll("/var/lib/kubernetes-ha", `${this.root}/state`)
          .replaceAll("/var/lib/kubelet/config", `${this.root}/kubelet/config`)
          .replaceAll("/usr/local/lib/kubernetes-ha", `${this.root}/kept`)
          .replaceAll("/usr/local/bin/kubelet", `${this.root}/kubelet/program`)
          .replaceAll("/proc/uptime", `${this.root}/uptime`)
          .replace(/REACH_SECONDS=30 HARBOR_SECONDS=420/, "REACH_SECONDS=1 HARBOR_SECONDS=5"),
      );
    for (const file of ["secret.env", "keys.conf", "push.yml", "users"])
      this.place(`registry/${file}`, file);
    for (const unit of ["kubernetes-ha-registry-push", "kubelet"])
      this.place(`units/${unit}.service`, unit);
    this.place("kubelet/config.yaml", "config");
    this.place("kubelet/program", "program");
    this.place("harbor/pod.yaml", "kind: Pod\nmetadata:\n  name: harbor\nspec: {}\n");
    for (const [container, file] of [
      ["core", "secret.env"],
      ["jobservice", "config.yml"],
    ])
      this.place(`harbor/${container}/${file}`, `of ${container}`);
    this.program(
      "systemctl",
      `[[ $* == *is-*abled* || $* == *is-active* ]] || echo "$*" >>${this.root}/acts`,
    );
    this.program("chown", `echo "chown $1 $2" >>${this.root}/owned`);
    // Core of the pod of before, which ends after it was asked for twice.
    this.program("pgrep", `[[ ! -e ${this.root}/before ]] || echo 4194303`);
    this.program(
      "timeout",
      `[[ ! -e ${this.root}/unreachable || $* != *"$(cat ${this.root}/unreachable)"* ]]`,
    );
    this.program("hostname", "echo prod-registry-1");
    this.program(
      "curl",
      `[[ ! -e ${this.root}/silent || \${*: -1} != *$(<${this.root}/silent)* ]] || exit 7
      echo "asked \${*: -1}" >>${this.root}/acts`,
    );
    // Time passes by it alone.
    this.place("uptime", "100 0\n");
    this.program(
      "sleep",
      `awk -v more="$1" '{print $1 + more, 0}' ${this.root}/uptime >${this.root}/later; mv ${this.root}/later ${this.root}/uptime`,
    );
  }

  place(path: string, content: string): void {
    mkdirSync(join(this.root, path, ".."), { recursive: true });
    writeFileSync(join(this.root, path), content);
  }

  read(path: string): string {
    const file = join(this.root, path);
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  }

  private program(name: string, body: string): void {
    writeFileSync(join(this.root, "bin", name), `#!/usr/bin/env bash\n${body}\n`);
    chmodSync(join(this.root, "bin", name), 0o755);
  }

  step(): Ended {
    this.place("acts", "");
    this.place(
      "params",
      `RELEASE=${this.release}\nADDRESS=10.0.0.58\nPORT=5000\nSTORAGE_PORT=5001\nUSER_ID=10000\nCHECKS=(/ping /storage)\nDATABASE='db 5432'\nREDIS='redis 6379'\n`,
    );
    return run("bash", [join(this.root, "scripts/harbor.sh")], "", {
      PATH: `${this.root}/bin:${process.env["PATH"] ?? ""}`,
      PARAMS: join(this.root, "params"),
      STEP_DIR: join(this.root, "scripts"),
    });
  }

  /** What was done, each thing once in a row. */
  get acts(): string[] {
    const all = this.read("acts").trim().split("\n");
    return all.filter((act, at) => act !== all[at - 1]);
  }
}

const storage = "asked http://127.0.0.1:5001/";
const checks = ["ping", "storage"].map((path) => `asked http://10.0.0.58:5000/${path}`);

test("storage, kubelet and pod come, in this order, and it ends once HAProxy has seen both answers", () => {
  const world = new World();
  expect(world.step()).toMatchObject({ status: 0 });
  expect(world.acts).toEqual([
    "daemon-reload",
    "restart kubernetes-ha-registry-push",
    storage,
    "daemon-reload",
    "restart kubelet",
    ...checks,
  ]);
  expect(world.read("manifests/harbor.yaml")).toMatch(
    /^kind: Pod\nmetadata:\n {2}annotations: \{kubernetes-ha\/reads: "[0-9a-f]{64}"\}\n {2}name: harbor\nspec: \{\}\n$/,
  );
  expect(world.read("owned")).toMatch(/^chown -R 10000:10000\n$/);
  expect(world.read("state/applied/harbor-release")).toBe("v2.15.2\n");
  expect(readdirSync(join(world.root, "kept"))).toEqual(["role_keys.py"]);
});

test("run again it looks, and touches nothing", () => {
  const world = new World();
  world.step();
  const before = world.read("manifests/harbor.yaml");
  expect(world.step().status).toBe(0);
  expect(world.acts).toEqual([storage, ...checks]);
  expect(world.read("manifests/harbor.yaml")).toBe(before);
});

test.each([
  ["a secret", "harbor/core/secret.env"],
  ["a setting of a program", "harbor/jobservice/config.yml"],
  ["the pod itself", "harbor/pod.yaml"],
])("another version of %s is another pod, and restarts no service", (_, file) => {
  const world = new World();
  world.step();
  const before = world.read("manifests/harbor.yaml");
  world.place(file, world.read(file).replace(/core|config|job|spec/, "other"));
  world.place(file, `${world.read(file)}more: {}\n`);
  expect(world.step().status).toBe(0);
  expect(world.read("manifests/harbor.yaml")).not.toBe(before);
  expect(world.acts.filter((act) => act.startsWith("restart"))).toEqual([]);
});

test("the pod of before, which still answers, is waited for", () => {
  const world = new World();
  world.place("before", "");
  // The process is this test's own: it lives.
  writeFileSync(join(world.root, "bin/pgrep"), `#!/usr/bin/env bash\necho ${process.pid}\n`);
  const { status, stderr } = world.step();
  expect(status).not.toBe(0);
  expect(stderr).toContain("the pod of before has ended: not so after 120 s");
  expect(world.acts).not.toContain(checks[0]);
});

test.each([
  ["registry.database", "db 5432", "db:5432"],
  ["registry.redis", "redis 6379", "redis:6379"],
])("%s that cannot be reached is told, before anything is started", (setting, dialled, named) => {
  const world = new World();
  world.place("unreachable", dialled);
  const { status, stderr } = world.step();
  expect(status).not.toBe(0);
  expect(stderr).toContain(`${setting}: ${named} cannot be reached from prod-registry-1`);
  expect(world.acts).toEqual([""]);
  expect(world.read("manifests/harbor.yaml")).toBe("");
});

test.each([
  ["v2.15.1", "Use v2.15.2 or later"],
  ["v2.14.4", "Use v2.15.2 or later"],
  ["v2.18.0", "go to v2.17.x first"],
  ["v3.0.0", "another major release"],
])("%s is refused over what runs, before anything is touched", (release, fix) => {
  const world = new World();
  world.step();
  world.release = release;
  const { status, stderr } = world.step();
  expect(status).not.toBe(0);
  expect(stderr).toContain(fix);
  expect(world.acts).toEqual([""]);
});

test.each(["v2.15.3", "v2.16.0", "v2.17.1"])("%s is taken", (release) => {
  const world = new World();
  world.step();
  world.release = release;
  world.place("harbor/pod.yaml", world.read("harbor/pod.yaml").replace("spec", "other"));
  expect(world.step().status).toBe(0);
  expect(world.read("state/applied/harbor-release")).toBe(`${release}\n`);
});

test("a Harbor that does not come up ends the step; it may have migrated the database, so the release of before is refused", () => {
  const world = new World();
  world.step();
  world.release = "v2.16.0";
  world.place("harbor/pod.yaml", world.read("harbor/pod.yaml").replace("spec", "other"));
  world.place("silent", "ping");
  const { status, stderr } = world.step();
  expect(status).not.toBe(0);
  expect(stderr).toContain("Harbor of 10.0.0.58 does not come up (above): look at /var/log/pods/");
  world.release = "v2.15.2";
  expect(world.step().stderr).toContain("Use v2.16.0 or later");
});

test("another kubelet takes the place of the one that runs; one that is not healthy gives it back", () => {
  const world = new World();
  world.step();
  const wait = () => {
    world.place("kubelet/program.next", "next");
    world.place("state/applied/artifact.kubelet", "kubernetes/v1.36.3/amd64/kubelet\n");
    world.place("state/applied/artifact.kubelet.next", "kubernetes/v1.36.4/amd64/kubelet\n");
  };
  wait();
  expect(world.step().status).toBe(0);
  expect(world.acts).toContain("restart kubelet");
  expect(world.read("kubelet/program")).toBe("next");
  wait();
  world.place("kubelet/program", "former");
  world.place("silent", "healthz");
  const { status, stderr } = world.step();
  expect(status).not.toBe(0);
  expect(stderr).toContain("the one of before is back");
  expect(world.read("kubelet/program")).toBe("former");
});
