import { exercises } from "../../../drills/exercises";
import { commandsOf } from "../operations/commands";

const { command, tool } = commandsOf();
const drill = (...args: string[]) => command("drills/cli.ts", ...args);

test("without a name, or with --list: which there are", async () => {
  const [bare, listed] = await Promise.all([drill(), drill("--list")]);
  expect(bare.stdout).toBe(listed.stdout);
  expect(listed.stdout.trimEnd().split("\n")).toHaveLength(exercises.length);
  for (const { name } of exercises) expect(listed.stdout).toMatch(new RegExp(`^${name} `, "m"));
  expect(listed.code).toBe(0);
});

test("without a lab it says how to have one", async () => {
  const { code, stderr } = await drill("master");
  expect(stderr).toMatch(/^error: no lab is up for .*start it with `npm run lab`/);
  expect(code).toBe(2);
});

test.each(["master", "cold-start"])(
  "%s is refused on a cluster that people use, before anything is asked",
  async (name) => {
    tool("pulumi", "echo pulumi was asked >&2; exit 1");
    const { code, stderr } = await drill(name, "--stack", "prod");
    expect(stderr).toContain(`error: ${name} is not done with --stack: `);
    expect(stderr).toContain("With --stack there is hairpin");
    expect(stderr).not.toContain("pulumi was asked");
    expect(code).toBe(2);
  },
);

test("a name that there is not", async () => {
  const { code, stderr } = await drill("mastre");
  expect(stderr).toContain("Allowed choices are hairpin, master,");
  expect(code).toBe(2);
});
