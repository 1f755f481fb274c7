import { X509Certificate } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { must } from "../../lab/process";
import { toolchain } from "../../toolchain";

jest.setTimeout(5 * 60_000);

const program = resolve(__dirname, "pki");
const dir = mkdtempSync(join(tmpdir(), "kubernetes-ha-pki-"));
const configFile = join(dir, "config.yaml");

interface Certificates {
  authority: string;
  etcdAuthority: string;
  admin: string;
  etcdClients: string;
  bootstrap: string;
}

beforeAll(async () => {
  mkdirSync(join(dir, "state"));
  await pulumi("stack", "init", "test");
  rmSync(join(program, "Pulumi.test.yaml"), { force: true });
});
afterAll(() => rmSync(dir, { recursive: true }));

/** Only the command provider is used: no cloud is needed. */
async function pulumi(...args: string[]): Promise<string> {
  const { stdout } = await must(["pulumi", ...args, "--non-interactive"], {
    cwd: program,
    env: {
      ...toolchain().env(),
      PULUMI_BACKEND_URL: `file://${join(dir, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "tests",
    },
  });
  return stdout;
}

/** The certificates after an `up` with these settings. */
async function up(settings: Record<string, string>): Promise<Certificates> {
  const config = Object.entries(settings).flatMap(([key, value]) => ["-c", `${key}=${value}`]);
  const stack = ["--stack", "test", "--config-file", configFile];
  await pulumi("up", "--yes", "--skip-preview", ...config, ...stack);
  const outputs = await pulumi("stack", "output", "--json", "--show-secrets", "--stack", "test");
  return JSON.parse(outputs) as Certificates;
}

function issued(certificate: string, authority: string): boolean {
  return new X509Certificate(certificate).verify(new X509Certificate(authority).publicKey);
}

const allIssued = (made: Certificates) => ({
  admin: issued(made.admin, made.authority),
  etcdClients: issued(made.etcdClients, made.etcdAuthority),
  bootstrap: issued(made.bootstrap, made.authority),
});
const all = { admin: true, etcdClients: true, bootstrap: true };

test("whatever is rotated, every certificate is issued by the authority of the day", async () => {
  const first = await up({});
  expect(allIssued(first)).toEqual(all);
  expect(await up({})).toEqual(first);

  const clients = await up({ clientRotation: "2" });
  expect(allIssued(clients)).toEqual(all);
  expect(clients.authority).toBe(first.authority);
  expect(clients.admin).not.toBe(first.admin);

  const machine = await up({ clientRotation: "2", machine: "ins-2" });
  expect(allIssued(machine)).toEqual(all);
  expect(machine.bootstrap).not.toBe(clients.bootstrap);
  expect(machine.admin).toBe(clients.admin);

  // The authorities are protected: that they are made anew is said twice.
  await pulumi("state", "unprotect", "--all", "--yes", "--stack", "test");
  const anew = await up({ rotation: "2", clientRotation: "2", machine: "ins-2" });
  expect(anew.authority).not.toBe(first.authority);
  expect(allIssued(anew)).toEqual(all);
});
