import { chmodSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, scripts, temporaryDirectory, type Ended } from "./support/host";

/** A host of the registry with systemd, and curl to its ports, as files. */
class World {
  readonly root = temporaryDirectory();

  constructor() {
    for (const directory of ["bin", "scripts", "units", "config"])
      mkdirSync(join(this.root, directory));
    for (const name of readdirSync(scripts))
      writeFileSync(
        join(this.root, "scripts", name),
        readFileSync(join(scripts, name), "utf8")
          .replaceAll("/etc/kubernetes-ha/registry", `${this.root}/config`)
          .replaceAll("/etc/systemd/system", `${this.root}/units`)
          .replaceAll("/var/lib/kubernetes-ha", `${this.root}/state`)
          .replaceAll("/usr/local/lib/kubernetes-ha", `${this.root}/kept`)
          .replaceAll("/proc/uptime", `${this.root}/uptime`)
          .replace("wait_until 60", "wait_until 1"),
      );
    for (const file of ["secret.env", "keys.conf", "pull.yml", "push.yml", "users"])
      this.place(`config/${file}`, file);
    for (const unit of ["kubernetes-ha-registry", "kubernetes-ha-registry-push"])
      this.place(`units/${unit}.service`, unit);
    this.program(
      "systemctl",
      `[[ $* == *is-*abled* || $* == *is-active* ]] || echo "$*" >>${this.root}/acts`,
    );
    this.program(
      "curl",
      `[[ ! -e ${this.root}/silent ]] || exit 7
      echo "asked \${*: -1}" >>${this.root}/acts
      [[ ! -e ${this.root}/breaks || $(grep -c asked ${this.root}/acts) != $(<${this.root}/breaks) ]]`,
    );
    // Time passes by it alone.
    this.place("uptime", "100 0\n");
    this.program(
      "sleep",
      `awk -v more="$1" '{print $1 + more, 0}' ${this.root}/uptime >${this.root}/later; mv ${this.root}/later ${this.root}/uptime`,
    );
  }

  place(path: string, content: string): void {
    writeFileSync(join(this.root, path), content);
  }

  private program(name: string, body: string): void {
    writeFileSync(join(this.root, "bin", name), `#!/usr/bin/env bash\n${body}\n`);
    chmodSync(join(this.root, "bin", name), 0o755);
  }

  step(): Ended {
    this.place("acts", "");
    this.place("params", "ADDRESS=10.0.0.58\nPULL_PORT=5000\nPUSH_PORT=5001\n");
    return run("bash", [join(this.root, "scripts/registry.sh")], "", {
      PATH: `${this.root}/bin:${process.env["PATH"] ?? ""}`,
      PARAMS: join(this.root, "params"),
      STEP_DIR: join(this.root, "scripts"),
    });
  }

  get acts(): string[] {
    return readFileSync(join(this.root, "acts"), "utf8").trim().split("\n");
  }
}

const pull = "asked http://10.0.0.58:5000/";
const push = "asked http://10.0.0.58:5001/";
/** Once until it answers, then every half second of four. */
const seen = 1 + 8;

test("both programs are started, one after the other, and each is given the time to be seen", () => {
  const world = new World();
  expect(world.step().status).toBe(0);
  expect(world.acts).toEqual([
    "daemon-reload",
    "restart kubernetes-ha-registry",
    ...Array<string>(seen).fill(pull),
    "daemon-reload",
    "restart kubernetes-ha-registry-push",
    ...Array<string>(seen).fill(push),
  ]);
  expect(readdirSync(join(world.root, "kept"))).toEqual(["role_keys.py"]);
});

test("one that breaks off meanwhile is given the whole time once more", () => {
  const world = new World();
  world.place("breaks", "3");
  expect(world.step().status).toBe(0);
  // The host's clock has whole seconds, and a tenth of one has passed.
  expect(world.acts.filter((act) => act === pull)).toHaveLength(3 + 7);
});

test("run again it looks, and touches nothing", () => {
  const world = new World();
  world.step();
  expect(world.step().status).toBe(0);
  expect(world.acts).toEqual([pull, push]);
});

test.each([
  ["who may push", "config/users", ["kubernetes-ha-registry-push"]],
  [
    "what is shared",
    "config/secret.env",
    ["kubernetes-ha-registry", "kubernetes-ha-registry-push"],
  ],
  ["how pulls are served", "config/pull.yml", ["kubernetes-ha-registry"]],
])("another version of %s restarts what reads it", (_, file, restarted) => {
  const world = new World();
  world.step();
  world.place(file, "changed");
  expect(world.step().status).toBe(0);
  expect(world.acts.filter((act) => act.startsWith("restart"))).toEqual(
    restarted.map((unit) => `restart ${unit}`),
  );
});

test("another release restarts both", () => {
  const world = new World();
  world.step();
  mkdirSync(join(world.root, "state/applied"), { recursive: true });
  world.place("state/applied/artifact.registry", "distribution/v3.1.3/amd64/registry");
  world.step();
  expect(world.acts.filter((act) => act.startsWith("restart"))).toHaveLength(2);
});

test("one that does not answer ends the step, before the other is touched", () => {
  const world = new World();
  world.place("silent", "");
  const { status, stderr } = world.step();
  expect(status).not.toBe(0);
  expect(stderr).toContain("kubernetes-ha-registry answers: not so after 1 s");
  expect(world.acts).not.toContain("restart kubernetes-ha-registry-push");
});
