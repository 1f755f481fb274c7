import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { outputsOf } from "./access/outputs";
import { commandsOf } from "./commands";

const { command, dir, tool } = commandsOf();
const log = join(dir, "log");

beforeAll(() => {
  const outputs = join(dir, "outputs.json");
  writeFileSync(outputs, JSON.stringify(outputsOf()));
  tool("pulumi", `exec /bin/cat ${outputs}`);
  tool("sh", 'exec /bin/sh "$@"');
  // No proxy is open yet; with the real ssh it is test/unit/operations/access/proxy.test.ts.
  tool("ssh", `echo ssh "$@" >> ${log}; case "$*" in *check*) exit 255;; esac`);
  tool("kubectl", `echo kubectl "$@" >> ${log}; /bin/cat "$2"; exit 7`);
});
beforeEach(() => writeFileSync(log, ""));

test("kubectl goes through a proxy of its own, and what it needed is gone when it ends", async () => {
  const line = ["get", "pods", "-A", "-o", "wide", "--stack", "x", "--help"];
  const { code, stdout } = await command("operations/kubectl.ts", "--stack", "prod", ...line);
  // kubectl's own exit code.
  expect(code).toBe(7);
  const calls = readFileSync(log, "utf8").trimEnd().split("\n");
  const [, kubeconfig = ""] = /--kubeconfig (\S+)/.exec(calls.join("\n")) ?? [];
  expect(calls).toEqual([
    expect.stringMatching(/^ssh .*-O check bastion-socks$/),
    expect.stringMatching(/^ssh .*-M -f -N .*bastion-socks$/),
    `kubectl --kubeconfig ${kubeconfig} ${line.join(" ")}`,
    expect.stringMatching(/^ssh .*-O exit bastion-socks$/),
  ]);
  expect(stdout).toMatch(/proxy-url: socks5:\/\/127\.0\.0\.1:\d+/);
  expect(existsSync(dirname(kubeconfig))).toBe(false);
  expect(calls.join()).not.toContain("PRIVATE KEY");
});

test("without a way to the bastion it says so, and leaves nothing", async () => {
  const said = '[ "$1" = -E ] && echo refused > "$2"';
  tool("ssh", `echo "$@" >> ${log}; while [ $# -gt 0 ]; do ${said}; shift; done; exit 255`);
  const { code, stderr } = await command("operations/kubectl.ts", "-s", "prod", "get", "nodes");
  expect(stderr).toContain("error: no way to the bastion: ssh ended with 255: refused");
  expect(code).toBe(2);
  const [, config = ""] = /-F (\S+)/.exec(readFileSync(log, "utf8")) ?? [];
  expect(config).not.toBe("");
  expect(existsSync(dirname(config))).toBe(false);
});
