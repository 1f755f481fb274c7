import { progressLine, unwanted } from "../../../conformance/ginkgo";
import {
  countsByGroup,
  renderMarkdown,
  renderText,
  reportOf,
  withSection,
} from "../../../conformance/report";
import type { Result } from "../../../conformance/results";
import { groupOf, parseUpstream } from "../../../conformance/specs";

const upstream = parseUpstream(`
- testname: One
  codename: '[sig-node] one [Conformance]'
  description: what it is
  release: v1.9
  file: test/e2e/node/one.go
- codename: '[sig-node] two [Conformance]'
  file: test/e2e/node/two.go
- codename: '[sig-apps] three [Conformance]'
  file: test/e2e/apps/three.go
- codename: '[sig-apps] four [Conformance]'
  file: test/e2e/apps/four.go
- codename: '[sig-storage] five [Conformance]'
  file: test/e2e/storage/five.go
`);
const result = (name: string, outcome: Result["outcome"], message?: string): Result => ({
  ...{ name, outcome, seconds: 30 },
  ...(message !== undefined && { message }),
});
const results = [
  result("[sig-node] one [Conformance]", "passed"),
  result("[sig-node] two [Conformance]", "failed", "timed out\nmuch more"),
  result("[sig-apps] three [Conformance]", "skipped", "one node only"),
  // Before it was left out.
  result("[sig-apps] four [Conformance]", "failed", "no image"),
];
const leftOut = [{ name: "[sig-apps] four [Conformance]", reason: "its image cannot be had" }];
const report = reportOf("v1.36.3", upstream, results, leftOut);

test("every test of the list is in one place", () => {
  expect(report).toEqual({
    kubernetes: "v1.36.3",
    passed: ["[sig-node] one [Conformance]"],
    failed: [{ name: "[sig-node] two [Conformance]", message: "timed out\nmuch more" }],
    left: [
      { name: "[sig-apps] three [Conformance]", reason: "one node only" },
      { name: "[sig-apps] four [Conformance]", reason: "its image cannot be had" },
    ],
    notRun: ["[sig-storage] five [Conformance]"],
    seconds: 90,
  });
  expect(countsByGroup(report)).toEqual([
    ["sig-apps", [0, 0, 2, 0]],
    ["sig-node", [1, 1, 0, 0]],
    ["sig-storage", [0, 0, 0, 1]],
  ]);
});

test("a failure that is in no list counts, a pass that is in none does not", () => {
  const more = [
    result("(SynchronizedBeforeSuite)", "failed", "no node"),
    result("[sig-node] six", "passed"),
  ];
  const { passed, failed } = reportOf("v1.36.3", upstream, more, []);
  expect(passed).toEqual([]);
  expect(failed).toEqual([{ name: "(SynchronizedBeforeSuite)", message: "no node" }]);
});

test("what is left out has to be in the list", () => {
  const other = [{ name: "[sig-node] gone [Conformance]", reason: "x" }];
  expect(() => reportOf("v1.36.3", upstream, [], other)).toThrow(
    "conformance/leftOut.ts names what v1.36.3 does not have: [sig-node] gone [Conformance]",
  );
});

test("people read the counts, what failed, what was left out and why", () => {
  const text = renderText(report);
  expect(text).toContain(
    "v1.36.3: 5 conformance tests: 1 passed, 1 failed, 2 left out, 1 not run\n",
  );
  expect(text).toContain("Failed:\n  [sig-node] two [Conformance]\n    timed out\n");
  expect(text).toContain("  [sig-apps] four [Conformance]: its image cannot be had");
});

test("the docs say the same, between their marks", () => {
  const before = "# Title\n\n<!-- results -->\n\nold\n\n<!-- end of results -->\n\nEnd.\n";
  const text = renderMarkdown(report);
  const document = withSection(before, text);
  expect(document).toContain("1 passed, 1 failed, 2 left out, 1 not run.\n");
  expect(document).toContain("| sig-apps | 0 | 0 | 2 | 0 |");
  expect(document).toContain("- `[sig-apps] four [Conformance]`: its image cannot be had\n");
  expect(document).toContain("Not run:\n\n- `[sig-storage] five [Conformance]`\n");
  expect(document).not.toContain("old");
  expect(withSection(document, text)).toBe(document);
  expect(() => withSection("# Title", text)).toThrow("no place for results");
});

test("a list that is none is refused", () => {
  expect(() => parseUpstream("- testname: x")).toThrow("e2e.test --list-conformance-tests: ");
});

test.each([
  ["[sig-api-machinery] Watchers should [Conformance]", "sig-api-machinery"],
  ["(SynchronizedBeforeSuite)", "other"],
])("%s is %s's", (name, group) => {
  expect(groupOf(name)).toBe(group);
});

test("meanwhile it says how many ended and failed", () => {
  expect(progressLine("Will run 20 of 7000 specs\n••• [FAILED] [1 seconds]")).toBe(
    "conformance: 3 of 20 ended, 1 failed",
  );
  expect(progressLine("")).toBe("conformance: 0 of ? ended, 0 failed");
});

test("an image of the mirror that no test takes is of another release", () => {
  const listed = "registry.k8s.io/e2e-test-images/agnhost:2.63.0\nregistry.k8s.io/pause:3.10.2\n";
  const images = [
    { name: "agnhost", tag: "2.63.0" },
    { name: "agnhost", tag: "2.47" },
  ];
  expect(unwanted(listed, images)).toEqual(["agnhost:2.47"]);
});
