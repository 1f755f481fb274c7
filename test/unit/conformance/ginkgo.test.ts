import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assertImages, runTests, type Site, upstreamOf } from "../../../conformance/ginkgo";
import { conformanceImages } from "../../../mirror/conformanceImages";

const root = mkdtempSync(join(tmpdir(), "conformance-"));
afterAll(() => rmSync(root, { recursive: true }));
const directory = join(root, "last");

/** A program of shell in the place of another. */
function program(name: string, text: string): string {
  const path = join(root, name);
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

let opened = 0;
const site = (ginkgo: string): Site => ({
  programs: { ginkgo, "e2e.test": "/opt/e2e.test", kubectl: "/opt/kubectl" },
  kubeconfig: "/access/kubeconfig",
  repository: "169.254.0.3:5000/kubernetes-ha",
  open: () => {
    opened += 1;
    return Promise.resolve();
  },
});
const options = { directory, processes: 3, minutes: 7, focus: ["DNS"], without: ["a"] };

const report = JSON.stringify([
  {
    SpecReports: [
      {
        LeafNodeType: "It",
        ContainerHierarchyTexts: ["[sig-network] DNS"],
        LeafNodeText: "works [Conformance]",
        State: "passed",
        RunTime: 2e9,
      },
    ],
  },
]);

test("tests run through the way that was opened, and their report is read", async () => {
  const ginkgo = program(
    "ginkgo",
    `echo "Will run 1 of 7000 specs"; printf '%s\\n' "$@" > args; cp "$KUBE_TEST_REPO_LIST" list; printf '%s' '${report}' > report.json; echo •`,
  );
  const results = await runTests(site(ginkgo), options);
  expect(results).toEqual([
    { name: "[sig-network] DNS works [Conformance]", outcome: "passed", seconds: 2 },
  ]);
  expect(opened).toBe(1);
  const read = (name: string) => readFileSync(join(directory, name), "utf8");
  const args = read("args").trim().split("\n");
  const [chosen, given] = [args.slice(0, args.indexOf("--")), args.slice(args.indexOf("--") + 1)];
  expect(chosen).toEqual(
    expect.arrayContaining([
      ...["--procs=3", "--timeout=7m", "--json-report=report.json", "--junit-report=junit.xml"],
      ...["--label-filter=Conformance", "--focus=DNS", "--skip= a$"],
    ]),
  );
  expect(chosen.at(-1)).toBe("/opt/e2e.test");
  expect(given).toEqual(
    expect.arrayContaining([
      "--kubeconfig=/access/kubeconfig",
      "--kubectl-path=/opt/kubectl",
      "--provider=skeleton",
    ]),
  );
  expect(JSON.parse(read("list"))).toMatchObject({
    promoterE2eRegistry: "169.254.0.3:5000/kubernetes-ha",
  });
  expect(read("output.log")).toContain("Will run 1 of 7000 specs\n");
  expect(statSync(directory).mode & 0o777).toBe(0o700);
});

test("tests that fail are results, whatever ginkgo ends with", async () => {
  const failed = report.replace('"passed"', '"failed"');
  const ginkgo = program("ginkgo-fails", `printf '%s' '${failed}' > report.json; exit 1`);
  expect(await runTests(site(ginkgo), options)).toEqual([
    expect.objectContaining({ outcome: "failed" }),
  ]);
});

test("without a report it is said what ginkgo said last, and nothing of the run before counts", async () => {
  const ginkgo = program("ginkgo-dies", `echo "no such flag: --procs" >&2; exit 2`);
  await expect(runTests(site(ginkgo), options)).rejects.toThrow(
    /^ginkgo left no report; .*output\.log ends with:\nno such flag: --procs$/,
  );
});

describe("what the tests' own program tells", () => {
  const tests = (text: string) => ({ programs: { "e2e.test": program("e2e.test", text) } });

  test("every conformance test", async () => {
    const list = "- codename: '[sig-node] one [Conformance]'\n  file: test/e2e/node/one.go\n";
    const lister = `[ "$1" = --list-conformance-tests ] && cat <<'END'\n${list}END`;
    expect(await upstreamOf(tests(lister))).toEqual([
      { name: "[sig-node] one [Conformance]", file: "test/e2e/node/one.go" },
    ]);
  });

  test("the images they take: the mirror's are among them, or are of another release", async () => {
    const images = conformanceImages.map(({ name, tag }) => `registry.test/e2e/${name}:${tag}`);
    const lister = (listed: string[]) =>
      tests(`[ "$1" = --list-images ] && printf '%s\\n' ${listed.join(" ")}`);
    await expect(assertImages(lister(images))).resolves.toBeUndefined();
    await expect(assertImages(lister(images.slice(1)))).rejects.toThrow(
      "mirror/conformanceImages.ts has agnhost:2.63.0, which these tests do not take",
    );
  });
});
