import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LabIdentity } from "../../../lab/identity";
import { labProgram } from "../../../lab/program";
import { perform } from "../../../operations/command";

const root = mkdtempSync(join(tmpdir(), "kubernetes-ha-program-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const identity: LabIdentity = {
  id: "kha000000",
  name: "program",
  checkout: "/checkout",
  dir: join(root, "kha000000"),
  operatorNetns: "kha000000-op",
  fabricNetns: "kha000000-vpc",
  cgroup: "kha000000",
};

/** Runs a command line in this process: nothing that a command would load can be found from here, tools least of all. */
async function lab(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const said = { stdout: "", stderr: "" };
  const take = (stream: "stdout" | "stderr") => (text: unknown) => {
    said[stream] += String(text);
    return true;
  };
  const spies = [
    jest.spyOn(process.stdout, "write").mockImplementation(take("stdout")),
    jest.spyOn(process.stderr, "write").mockImplementation(take("stderr")),
    jest.spyOn(console, "log").mockImplementation((text) => void take("stdout")(`${text}\n`)),
    jest.spyOn(console, "error").mockImplementation((text) => void take("stderr")(`${text}\n`)),
  ];
  const before = process.exitCode;
  process.exitCode = 0;
  try {
    await perform(labProgram(identity), args, 1);
    return { code: process.exitCode, ...said };
  } finally {
    process.exitCode = before;
    for (const spy of spies) spy.mockRestore();
  }
}

describe("without a lab, which is looked for before anything else", () => {
  test.each([
    ["kubectl get nodes"],
    ["ssh master-1"],
    ["pulumi preview"],
    ["pulumi stack export"],
    ["check"],
    ["restore --snapshot latest"],
    ["orphans"],
    ["addons"],
    ["addons destroy"],
    ["host kill 99"],
    ["host start 1"],
    ["zone kill 1"],
    ["zone revive 1"],
    ["all stop"],
    ["ui"],
  ])("%s", async (line) => {
    expect(await lab(...line.split(" "))).toEqual({
      code: 1,
      stdout: "",
      stderr: "error: no lab is up for /checkout (kha000000): start it with `npm run lab`\n",
    });
  });

  test.each(["kubectl", "pulumi", "check"])("%s --help is ours", async (name) => {
    const { code, stdout, stderr } = await lab(name, "--help");
    expect(stdout).toContain(`Usage: npm run lab -- ${name} [args...]`);
    expect(stdout).toContain(`${name}'s own help needs the lab: no lab is up`);
    expect([code, stderr]).toEqual([0, ""]);
  });
});

test.each([
  "up",
  "status",
  "ui",
  "ssh",
  "orphans",
  "addons",
  "host",
  "host list",
  "host kill",
  "zone",
  "zone list",
  "zone revive",
  "all",
  "down",
  "doctor",
])("%s --help", async (name) => {
  const { code, stdout, stderr } = await lab(...name.split(" "), "--help");
  expect(stdout).toContain(`Usage: npm run lab -- ${name} `);
  expect([code, stderr]).toEqual([0, ""]);
});

test.each([
  ["sttaus", "unknown command 'sttaus'\n(Did you mean status?)"],
  ["host kil 1", "unknown command 'kil'\n(Did you mean kill?)"],
  ["up --config-fil x", "unknown option '--config-fil'\n(Did you mean --config-file?)"],
  ["all halt", "Allowed choices are stop, start."],
  ["ssh", "missing required argument 'host'"],
  ["addons down", "Allowed choices are up, preview, destroy."],
])("%s: what was meant is told", async (line, said) => {
  const { code, stderr } = await lab(...line.split(" "));
  expect(stderr).toContain(`error: `);
  expect(stderr).toContain(said);
  expect(code).toBe(1);
});

test("after a restart of the machine the lab has files and no network: that is said", async () => {
  mkdirSync(identity.dir, { recursive: true });
  writeFileSync(join(identity.dir, "lab.json"), JSON.stringify(identity));
  const { code, stderr } = await lab("kubectl", "get", "nodes");
  // Nobody but root may work with a lab.
  const said = process.getuid?.() === 0 ? /has no network any more.*`npm run lab`/ : /as root/;
  expect(stderr).toMatch(said);
  expect(code).toBe(1);
});
