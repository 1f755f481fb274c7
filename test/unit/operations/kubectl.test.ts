import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { outputsOf } from "./access/outputs";
import { commandsOf } from "./commands";

jest.setTimeout(60_000);
const { command, dir, tool } = commandsOf();
const log = join(dir, "log");

beforeAll(() => {
  const outputs = join(dir, "outputs.json");
  writeFileSync(outputs, JSON.stringify(outputsOf()));
  tool("pulumi", `exec /bin/cat ${outputs}`);
  // No proxy is open yet; with the real ssh it is test/unit/operations/access/proxy.test.ts.
  tool("ssh", `echo ssh "$@" >> ${log}; case "$*" in *check*) exit 255;; esac`);
  tool("kubectl", `echo kubectl "$@" >> ${log}; /bin/cat "$2"; exit 7`);
});
beforeEach(() => writeFileSync(log, ""));

test("kubectl goes through a proxy of its own, and what it needed is gone when it ends", async () => {
  const before = readdirSync(dir);
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
  expect(readdirSync(dir).sort()).toEqual(before.sort());
  expect(calls.join()).not.toContain("PRIVATE KEY");
});

test("without a way to the bastion it says so, and leaves nothing", async () => {
  tool(
    "ssh",
    'case "$*" in *" -M "*) echo refused > "${0%/bin/*}/log"; exit 255;; *) exit 255;; esac',
  );
  const before = readdirSync(dir);
  const { code, stderr } = await command("operations/kubectl.ts", "-s", "prod", "get", "nodes");
  expect(stderr).toContain("error: no way to the bastion: ssh ended with 255");
  expect(code).toBe(2);
  expect(readdirSync(dir).sort()).toEqual(before.sort());
});
