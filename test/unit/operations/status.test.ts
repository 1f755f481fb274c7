import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { outputsOf } from "./access/outputs";
import { commandsOf } from "./commands";

const { command, dir, tool } = commandsOf();
const log = join(dir, "log");

const status = (...args: string[]) => command("operations/status.ts", "--stack", "prod", ...args);

beforeAll(() => {
  const outputs = join(dir, "outputs.json");
  writeFileSync(outputs, JSON.stringify(outputsOf()));
  tool("pulumi", `exec /bin/cat ${outputs}`);
});
beforeEach(() => writeFileSync(log, ""));

/** Hosts that all say the same, which is what an etcd host without etcd would say. */
const look = JSON.stringify({
  ...{ addresses: [], services: {}, certificates: [], metrics: {}, way: null },
});

test("every host is asked over one way to the bastion; what that needed is gone when it ends", async () => {
  tool("ssh", `echo "$@" >> ${log}; case "$*" in *python3*) echo '${look}';; esac`);
  const { code, stdout } = await status();
  expect(stdout).toMatch(/^NOT HEALTHY: /);
  expect(stdout).toContain("etcd: has no quorum: 0 of 1 members serve");
  expect(code).toBe(1);
  const calls = readFileSync(log, "utf8").trimEnd().split("\n");
  expect(calls.filter((call) => call.includes("python3"))).toHaveLength(3);
  expect(calls.at(-1)).toMatch(/-O exit bastion-socks$/);
  const [, config = ""] = /-F (\S+)/.exec(calls[0] ?? "") ?? [];
  expect(existsSync(dirname(config))).toBe(false);
});

test("--json prints the same, and nothing beside it", async () => {
  tool("ssh", `case "$*" in *python3*) echo '${look}';; esac`);
  const { code, stdout, stderr } = await status("--json");
  expect(JSON.parse(stdout)).toMatchObject({ healthy: false, snapshots: [] });
  expect([code, stderr]).toEqual([1, ""]);
});

test("hosts that are dead are named", async () => {
  tool("ssh", `case "$*" in *python3*) echo "connect to host: timed out" >&2; exit 255;; esac`);
  const { code, stdout } = await status();
  expect(stdout).toContain("prod-master-1: cannot be asked (master): connect to host: timed out");
  expect(code).toBe(1);
});

test("without a way to the bastion nothing can be told, which is no answer: 2", async () => {
  const said = '[ "$1" = -E ] && echo refused > "$2"';
  tool("ssh", `while [ $# -gt 0 ]; do ${said}; shift; done; exit 255`);
  const { code, stdout, stderr } = await status();
  expect(stderr).toContain("error: no way to the bastion: ssh ended with 255: refused");
  expect([code, stdout]).toEqual([2, ""]);
});

test("--wait asks again until the time is up, and says how it stood then", async () => {
  tool("ssh", `echo "$@" >> ${log}; case "$*" in *python3*) echo '${look}';; esac`);
  const { code, stdout } = await status("--wait", "--timeout", "1");
  expect(stdout).toMatch(/^NOT HEALTHY/);
  expect(code).toBe(1);
  const asked = readFileSync(log, "utf8")
    .split("\n")
    .filter((call) => call.includes("python3"));
  expect(asked).toHaveLength(6);
});

test("a time that is none is refused before anything is asked", async () => {
  const { code, stderr } = await status("--wait", "--timeout", "soon");
  expect(stderr).toContain("It must be a whole number of seconds, 1 or more.");
  expect(code).toBe(2);
});
