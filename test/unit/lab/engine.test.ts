import { absoluteFiles } from "../../../lab/engine";

test.each<[string[], string[]]>([
  [
    ["preview", "--policy-pack", "policy", "--save-plan=plan.json", "--diff"],
    ["preview", "--policy-pack", "/home/me/policy", "--save-plan=/home/me/plan.json", "--diff"],
  ],
  [
    ["stack", "import", "--file", "/tmp/state.json"],
    ["stack", "import", "--file", "/tmp/state.json"],
  ],
  [
    ["config", "set", "file", "--path", "a.b"],
    ["config", "set", "file", "--path", "a.b"],
  ],
  [
    ["up", "--config-file", "../other.yaml", "--stack", "other"],
    ["up", "--config-file", "/home/other.yaml", "--stack", "other"],
  ],
  [
    ["stack", "export", "--file"],
    ["stack", "export", "--file"],
  ],
])("files named to pulumi are those of where it was called: %j", (given, meant) => {
  expect(absoluteFiles(given, "/home/me")).toEqual(meant);
});
