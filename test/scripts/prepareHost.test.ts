import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { run, scripts, temporaryDirectory } from "./support/host";

/** Functions of prepare-host.sh, without what it does. */
const body = readFileSync(join(scripts, "prepare-host.sh"), "utf8").replace(/^main "\$@".*$/m, "");

/** Runs calls on a host that remembers what is in a directory, with its files there. @returns what systemctl was called with. */
function systemctl(directory: string, calls: string): string[] {
  const lib = readFileSync(join(scripts, "lib.sh"), "utf8");
  writeFileSync(join(directory, "params"), "");
  writeFileSync(
    join(directory, "lib.sh"),
    lib.replace("STATE_DIR=/var/lib/kubernetes-ha", `STATE_DIR=${directory}`),
  );
  copyFileSync(join(scripts, "kubelet-release.sh"), join(directory, "kubelet-release.sh"));
  const stubs = `phase() { :; }; systemctl() { echo "$*"; }`;
  const moved = body.replaceAll(/(?<=[ =<])\/(?=(etc|run|var)\b)/g, `${directory}/`);
  const { status, stdout, stderr } = run("bash", ["-c", `${moved}\n${stubs}\n${calls}`], "", {
    PARAMS: join(directory, "params"),
    STEP_DIR: directory,
  });
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return stdout.trim().split("\n").filter(Boolean);
}

test("a service that is wanted no more is stopped once, all others are left alone", () => {
  const host = temporaryDirectory();
  const step = (...units: string[]) =>
    systemctl(host, `remember wanted-services $'${units.join("\\n")}'; stop_unwanted`);
  expect(step("chrony", "haproxy", "containerd")).toEqual([]);
  expect(step("chrony", "nginx", "containerd")).toEqual(["--quiet disable --now haproxy"]);
  expect(step("chrony", "nginx", "containerd")).toEqual([]);
  expect(step("chrony", "containerd")).toEqual(["--quiet disable --now nginx"]);
});

test("what containerd was told of a registry goes when that is named no more; what others have put there stays", () => {
  const host = temporaryDirectory();
  const certificates = join(host, "etc/containerd/certs.d");
  const told = (...registries: string[]) => {
    for (const registry of registries) mkdirSync(join(certificates, registry), { recursive: true });
    systemctl(host, `REGISTRIES=(${registries.join(" ")}); forget_registries`);
    return readdirSync(certificates).sort();
  };
  mkdirSync(join(certificates, "registry.of.others"), { recursive: true });
  expect(told("docker.io", "169.254.0.3:5000")).toEqual([
    "169.254.0.3:5000",
    "docker.io",
    "registry.of.others",
  ]);
  expect(told("docker.io")).toEqual(["docker.io", "registry.of.others"]);
  expect(told()).toEqual(["registry.of.others"]);
  expect(told("docker.io")).toEqual(["docker.io", "registry.of.others"]);
});

describe("a machine id", () => {
  const ids = { image: "1".repeat(32), own: "2".repeat(32) };
  function host(id: string): string {
    const directory = temporaryDirectory();
    for (const path of ["etc", `run/log/journal/${id}`, "var/lib/dbus"])
      mkdirSync(join(directory, path), { recursive: true });
    writeFileSync(join(directory, "etc/machine-id"), `${id}\n`);
    writeFileSync(join(directory, "var/lib/dbus/machine-id"), `${id}\n`);
    return directory;
  }
  const idOf = (directory: string, path = "etc/machine-id") =>
    run("cat", [join(directory, path)]).stdout.trim();
  /** Systemd takes over D-Bus's id where there is one, as the real one does. */
  const prepare = (directory: string, before = "") =>
    systemctl(
      directory,
      `${before}
      systemd-machine-id-setup() {
        [[ ! -e ${directory}/etc/machine-id ]] || return 0
        local id=${ids.own}
        if [[ -f ${directory}/var/lib/dbus/machine-id ]]; then id=$(cat ${directory}/var/lib/dbus/machine-id); fi
        echo $id >${directory}/etc/machine-id
      }
      own_machine_id`,
    );

  test("that the image brought becomes the host's own, and its log goes on", () => {
    const directory = host(ids.image);
    expect(prepare(directory)).toEqual(["restart systemd-journald"]);
    expect(idOf(directory)).toBe(ids.own);
    expect(idOf(directory, "var/lib/dbus/machine-id")).toBe(ids.own);
    expect(existsSync(join(directory, "run/log/journal", ids.own))).toBe(true);
    // Once: a node is known by it from then on.
    expect(prepare(directory)).toEqual([]);
  });

  test("that is the host's own stays, and nothing restarts", () => {
    const directory = host(ids.own);
    expect(prepare(directory)).toEqual([]);
    expect(idOf(directory)).toBe(ids.own);
  });

  test("of a host that an earlier release prepared stays", () => {
    const directory = host(ids.image);
    expect(prepare(directory, "remember services chrony")).toEqual([]);
    expect(idOf(directory)).toBe(ids.image);
  });
});

describe("the operator's keys", () => {
  const [first, second, third, others] = ["one", "two", "three", "others"].map(
    (name) => `ssh-ed25519 AAAA${name}`,
  ) as [string, string, string, string];
  /** A host with the login user and root, and what opens each. */
  function host(own: string, root: string) {
    const directory = temporaryDirectory();
    const file = (user: string) => join(directory, user, ".ssh/authorized_keys");
    for (const [user, keys] of Object.entries({ login: own, root })) {
      mkdirSync(join(directory, user, ".ssh"), { recursive: true });
      writeFileSync(file(user), keys);
    }
    const quoted = (keys: string[]) => keys.map((key) => `'${key}'`).join(" ");
    return {
      keysOf: (user: string) => readFileSync(file(user), "utf8").split("\n").filter(Boolean),
      modeOf: (user: string) => statSync(file(user)).mode & 0o777,
      files: () => readdirSync(join(directory, "login/.ssh")),
      take: (accepted: string[], former: string[]) =>
        systemctl(
          directory,
          `me=$(id -un); LOGIN_USER=login
          id() { command id -g "$me"; }
          install() { command install "\${@/#login/$me}"; }
          getent() {
            local user
            for user in root nobody login; do [[ \${2:-$user} != "$user" ]] || echo "$user:x:0:0::${directory}/$user:/bin/sh"; done
          }
          OPERATOR_KEYS=(${quoted(accepted)}) FORMER_OPERATOR_KEYS=(${quoted(former)}); operator_keys`,
        ),
    };
  }
  const refused = `no-port-forwarding,command="echo 'log in as another'" ${first}`;

  test("that are still those it was born with stay as they are", () => {
    const { take, keysOf } = host(first, refused);
    take([], []);
    expect([keysOf("login"), keysOf("root")]).toEqual([[first], [refused]]);
  });

  test("come and go phase by phase, those of others stay, and a second run finds nothing to do", () => {
    // As people leave it: the last line has no end.
    const { take, keysOf, modeOf, files } = host(`${first}\n${others}`, `${refused}\n${others}\n`);
    for (let run = 0; run < 2; run++) {
      take([first, second], []);
      expect(keysOf("login")).toEqual([first, others, second]);
      expect(keysOf("root")).toEqual([refused, others]);
    }
    for (let run = 0; run < 2; run++) {
      take([second], [first]);
      expect(keysOf("login")).toEqual([others, second]);
      expect(keysOf("root")).toEqual([others]);
    }
    expect(modeOf("login")).toBe(0o600);
    expect(files()).toEqual(["authorized_keys"]);
    // A machine that was away for a whole generation.
    take([third], [first, second]);
    expect(keysOf("login")).toEqual([others, third]);
  });
});

test("a first boot that hangs is not waited for without end", () => {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, "run/cloud-init"), { recursive: true });
  const wait = 'wait_until() { echo "waits $1 for $4 $5"; return 1; }; first_boot_over';
  expect(systemctl(directory, wait)).toEqual([]);
  writeFileSync(join(directory, "run/cloud-init/enabled"), "");
  expect(systemctl(directory, wait)).toEqual([
    `waits 300 for -e ${directory}/run/cloud-init/result.json`,
  ]);
  writeFileSync(join(directory, "run/cloud-init/result.json"), "{}");
  expect(systemctl(directory, wait)).toEqual([]);
});

describe("a script of the pool's own", () => {
  const ended = (status?: string) => {
    const directory = temporaryDirectory();
    const own = join(directory, "var/lib/kubernetes-ha/first-boot");
    mkdirSync(own, { recursive: true });
    writeFileSync(join(own, "script"), "#!/bin/sh\n");
    writeFileSync(join(own, "log"), "one\nno such module\n");
    if (status !== undefined) writeFileSync(join(own, "status"), `${status}\n`);
    return directory;
  };
  const look = (directory: string) =>
    systemctl(
      directory,
      `(NODE_NAME=prod-general-1; own_script_done) 2>&1 || echo "ended with $?"`,
    );

  test("is nothing to a host that has none, or where it has done its work", () => {
    expect(look(temporaryDirectory())).toEqual([]);
    expect(look(ended("0"))).toEqual([]);
  });

  test("that has failed ends the step, with its last words and how to go on", () => {
    const said = look(ended("3"));
    expect(said.slice(0, 2)).toEqual(["one", "no such module"]);
    expect(said[2]).toMatch(
      /^error: prod-general-1: its pool's firstBootScript has ended with 3 .*\(generations\); or mend what it was to do, then: echo 0 >.*\/first-boot\/status$/,
    );
    expect(said[3]).toBe("ended with 1");
  });

  test("that is not over is waited for, no longer than it has", () => {
    const directory = ended();
    const wait = `wait_until() { echo "waits $1 for \${*:3}"; echo 0 >"$5"; }; own_script_done`;
    expect(systemctl(directory, wait)).toEqual([
      `waits 700 for test -e ${directory}/var/lib/kubernetes-ha/first-boot/status`,
    ]);
  });
});
