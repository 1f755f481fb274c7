import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { restoreCheckpoint } from "../../../../operations/orphans/checkpoint";

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "kha-checkpoint-"));
  const stacks = join(directory, ".pulumi", "stacks", "project");
  mkdirSync(stacks, { recursive: true });
  file = join(stacks, "prod.json");
});
afterEach(() => rmSync(directory, { recursive: true }));

const restore = (): boolean => restoreCheckpoint(directory, "project", "prod");

test.each([
  ["cut off at once", ""],
  ["cut off in the middle", '{"version":3,"check'],
])("a state that was %s is the backup again", (_, torn) => {
  writeFileSync(file, torn);
  writeFileSync(`${file}.bak`, '{"version":3}');
  writeFileSync(`${file}.attrs`, "{}");
  expect(restore()).toBe(true);
  expect(readFileSync(file, "utf8")).toBe('{"version":3}');
  expect(existsSync(`${file}.attrs`)).toBe(false);
});

test.each<[string, string | undefined, string | undefined]>([
  ["whole", '{"version":3}', '{"version":2}'],
  ["that of a removed stack", undefined, '{"version":2}'],
  ["torn, with a torn backup", "", ""],
  ["torn, without a backup", "", undefined],
])("a state that is %s is left as it is", (_, state, backup) => {
  if (state !== undefined) writeFileSync(file, state);
  if (backup !== undefined) writeFileSync(`${file}.bak`, backup);
  expect(restore()).toBe(false);
  expect(existsSync(file) ? readFileSync(file, "utf8") : undefined).toBe(state);
});

test("attributes that were cut off go, and the state they belong to stays", () => {
  writeFileSync(file, '{"version":3}');
  writeFileSync(`${file}.attrs`, "");
  expect(restore()).toBe(true);
  expect(existsSync(`${file}.attrs`)).toBe(false);
  expect(readFileSync(file, "utf8")).toBe('{"version":3}');
});
