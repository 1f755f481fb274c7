import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { outputsOf } from "./access/outputs";
import { commandsOf } from "./commands";

const { command, dir, tool } = commandsOf();
const access = (...args: string[]) => command("operations/access.ts", ...args);

test("writes the files for a stack's outputs, and tells how they are used", async () => {
  const [outputs, called] = [join(dir, "outputs.json"), join(dir, "called")];
  writeFileSync(outputs, JSON.stringify(outputsOf()));
  tool("pulumi", `echo "$@" > ${called}; exec /bin/cat ${outputs}`);
  const out = join(dir, "prod");
  const { code, stdout, stderr } = await access("-s", "prod", "--out", out, "--socks-port", "1081");
  expect([code, stderr]).toEqual([0, ""]);
  expect(readFileSync(called, "utf8")).toBe("stack output --json --show-secrets --stack prod\n");
  expect(stdout).toContain(`ssh -F ${out}/ssh_config -fN bastion-socks`);
  expect(stdout).toContain(`kubectl --kubeconfig ${out}/kubeconfig get nodes`);
  expect(stdout).not.toContain("PRIVATE KEY");
  expect(readFileSync(join(out, "kubeconfig"), "utf8")).toContain("socks5://127.0.0.1:1081");
  expect(statSync(join(out, "id_ed25519")).mode & 0o777).toBe(0o600);
});

test.each([
  ["0", "It must be a port, 1 to 65535."],
  ["ssh", "It must be a port, 1 to 65535."],
])("a port of %s is refused", async (port, said) => {
  const { code, stderr } = await access("-s", "prod", "--out", dir, "--socks-port", port);
  expect(stderr).toContain(said);
  expect(code).toBe(2);
});
