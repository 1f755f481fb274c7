import { version } from "../../../package.json";
import { withDefault } from "../../../operations/command";
import { commandsOf } from "./commands";

// Each command line is a process of its own: what it loads and how it ends is what is looked at.
jest.setTimeout(240_000);
const { command } = commandsOf();

const entries = {
  "npm run lab": "lab/cli.ts",
  "npm test": "test/run.ts",
  "npm run bench": "bench/cli.ts",
  "npm run check": "operations/check.ts",
  "npm run preflight": "operations/preflight.ts",
  "npm run cost": "operations/cost.ts",
  "npm run orphans": "operations/orphans.ts",
  "npm run access": "operations/access.ts",
  "npm run kubectl": "operations/kubectl.ts",
  "npm run status": "operations/status.ts",
  "npm run drill": "drills/cli.ts",
  "npm run conformance": "conformance/cli.ts",
};

test("all know their version, without anything on the machine", async () => {
  const shown = await Promise.all(
    Object.values(entries).map((entry) => command(entry, "--version")),
  );
  expect(shown).toEqual(shown.map(() => ({ code: 0, stdout: `${version}\n`, stderr: "" })));
});

test("all help, under the name they are called by", async () => {
  const helps = await Promise.all(Object.values(entries).map((entry) => command(entry, "--help")));
  expect(helps.map(({ stdout }) => stdout.split("\n", 1)[0])).toEqual(
    Object.keys(entries).map((name) => expect.stringMatching(`^Usage: ${name} -- `) as string),
  );
  expect(helps.map(({ code }) => code)).toEqual(helps.map(() => 0));
});

test.each([
  [["operations/orphans.ts", "lsit", "--stack", "x"], "(Did you mean list?)", 2],
  [["operations/check.ts", "--stak", "x"], "(Did you mean --stack?)", 2],
  [
    ["test/run.ts", "--only", "nosuch"],
    "Allowed choices are machine, e2e, contract, lint, go, alerts, unit, node22, cloud, mirror, package, page, engine, hosts",
    1,
  ],
  [
    ["bench/cli.ts", "nosuch"],
    "Allowed choices are cis, create, failover, noop, package, policy, recover, scale",
    1,
  ],
] as const)("%j: what was meant is told, before anything is set up", async (line, said, code) => {
  const [entry, ...args] = line;
  const ended = await command(entry, ...args);
  expect(ended.stderr).toContain(said);
  expect(ended).toMatchObject({ code, stdout: "" });
});

test.each<[string[], string[]]>([
  [[], ["up"]],
  [
    ["--config-file", "x"],
    ["up", "--config-file", "x"],
  ],
  [["status"], ["status"]],
  [["sttaus"], ["sttaus"]],
  [["--help"], ["--help"]],
  [["--version"], ["--version"]],
])("of %j the command is %j", (given, meant) => {
  expect(withDefault("up", given)).toEqual(meant);
});
