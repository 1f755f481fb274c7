import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderUnattendedUpgrades } from "../../components/render";
import { run, scripts, temporaryDirectory } from "./support/host";

interface Given {
  /** What dpkg knows: package -> "<status> <want>". */
  known?: Record<string, string>;
  /** What `dpkg --verify` prints, by package. */
  damage?: Record<string, string>;
  /** How often apt-get finds the lock taken; each is told to wait a second. */
  taken?: number;
  /** Message of apt-get that finds it taken. */
  message?: string;
  seconds?: number;
}

const locked = "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7 (apt-get)";

/** Runs install-packages.sh for chrony and haproxy with programs that keep what they were called with. */
function install(given: Given = {}) {
  const { known = {}, damage = {}, taken = 0, message = locked, seconds = 300 } = given;
  const directory = temporaryDirectory();
  const program = (name: string, text: string) => {
    writeFileSync(join(directory, name), `#!/bin/bash\ncd ${directory}\n${text}\n`);
    chmodSync(join(directory, name), 0o755);
  };
  mkdirSync(join(directory, "known"));
  mkdirSync(join(directory, "damage"));
  for (const [name, state] of Object.entries(known))
    writeFileSync(join(directory, "known", name), state);
  for (const [name, lines] of Object.entries(damage))
    writeFileSync(join(directory, "damage", name), lines);
  writeFileSync(join(directory, "taken"), String(taken));
  program(
    "dpkg-query",
    `format=$3; shift 3
    for name; do [[ -e known/$name ]] || continue
      if [[ $format == *Want* ]]; then echo "$name $(cat known/$name)"; else cut -d' ' -f1 known/$name | tr -d '\\n'; fi
    done`,
  );
  program(
    "dpkg",
    `case $1 in --verify) cat damage/$2 2>/dev/null ;; --set-selections) sed 's/^/hold /' >>calls ;; *) echo "dpkg $*" >>calls ;; esac`,
  );
  program(
    "apt-get",
    `left=$(cat taken)
    if ((left > 0)); then echo $((left - 1)) >taken; echo ${JSON.stringify(message)} >&2; exit 100; fi
    echo "apt-get $*" >>calls`,
  );
  program("sleep", 'echo "slept $1" >>calls');
  const script = readFileSync(join(scripts, "install-packages.sh"), "utf8").replace(
    "LOCK_SECONDS=300",
    `LOCK_SECONDS=${seconds}`,
  );
  writeFileSync(join(directory, "install.sh"), script);
  const ended = run("bash", [join(directory, "install.sh"), "", "chrony", "haproxy"], "", {
    PATH: `${directory}:${process.env.PATH ?? ""}`,
  });
  const log = join(directory, "calls");
  const calls = existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : [];
  return {
    ...ended,
    calls,
    installed: calls.flatMap((call) => /--reinstall .*Use-Pty=0 (.*)$/.exec(call)?.[1] ?? []),
    held: calls.flatMap((call) => /^hold (\S+) hold$/.exec(call)?.[1] ?? []),
  };
}

const here = { chrony: "installed hold", haproxy: "installed hold" };

test("what is there, whole and held, costs nothing", () => {
  expect(install({ known: here })).toMatchObject({ status: 0, calls: [] });
});

test.each(["not-installed", "half-configured", "unpacked", "config-files"])(
  "a package that is %s is installed",
  (state) => {
    expect(install({ known: { ...here, haproxy: `${state} install` } }).installed).toEqual([
      "haproxy",
    ]);
  },
);

test("a package whose files a loss of power took is installed again", () => {
  const damage = { haproxy: "??5??????   /usr/sbin/haproxy\n" };
  expect(install({ known: here, damage }).installed).toEqual(["haproxy"]);
  expect(
    install({ known: here, damage: { chrony: "missing     /usr/sbin/chronyd\n" } }),
  ).toMatchObject({
    installed: ["chrony"],
    stderr: expect.stringContaining("damaged: /usr/sbin/chronyd") as string,
  });
});

test("changed settings and missing documentation are no damage", () => {
  const damage = {
    haproxy: "??5?????? c /etc/haproxy/haproxy.cfg\nmissing   c /etc/default/haproxy\n",
    chrony: "missing     /usr/share/doc/chrony/copyright\n",
  };
  expect(install({ known: here, damage }).calls).toEqual([]);
});

test("installed packages are held, and those whose units run binaries of ours", () => {
  const known = { ...here, haproxy: "installed install", "containerd.io": "installed install" };
  expect(install({ known }).held).toEqual(["haproxy", "containerd.io"]);
});

test.each([
  locked,
  "E: Unable to lock directory /var/lib/apt/lists/",
  "E: Could not get lock /var/cache/apt/archives/lock. It is held by process 7 (unattended-upgr)",
])("another package run is waited for, and told: %s", (message) => {
  const { status, stdout, installed, calls } = install({ taken: 3, message });
  expect(status).toBe(0);
  expect(installed).toEqual(["chrony haproxy"]);
  expect(calls.filter((call) => call.startsWith("slept"))).toHaveLength(3);
  expect(stdout).toBe(`waiting for another package run: ${message}\n`);
});

test("one that never ends is waited for no longer than the limit", () => {
  const { status, stderr, calls } = install({ taken: 99, seconds: 4 });
  expect(status).not.toBe(0);
  expect(stderr).toContain(locked);
  expect(calls.filter((call) => call.startsWith("slept"))).toHaveLength(4);
});

test("any other failure is one at once", () => {
  const { status, stderr, calls } = install({ taken: 99, message: "E: Unable to fetch archives" });
  expect(status).not.toBe(0);
  expect(stderr).toContain("Unable to fetch archives");
  expect(calls.join()).not.toContain("slept");
});

test("dpkg is never told to leave out what keeps files over a loss of power", () => {
  expect(readFileSync(join(scripts, "install-packages.sh"), "utf8")).not.toContain("unsafe-io");
});

test("unattended upgrades reboot no host", () => {
  expect(renderUnattendedUpgrades()).toMatch(/^Unattended-Upgrade::Automatic-Reboot "false";$/m);
});
