import { choosing, registriesIn, tally } from "../../../conformance/select";
import { imageSpecs, mirrorVersions } from "../../../mirror/layout";

test("all conformance tests, and no others", () => {
  expect(choosing({})).toEqual(["--label-filter=Conformance"]);
});

test("patterns are Go's; whole names mean themselves and nothing longer", () => {
  const name = String.raw`[sig-node] Pods (a|b) $1.5 \d+ {x} [Conformance]`;
  const args = choosing({ focus: ["sig-(node|apps)"], skip: ["Slow"], without: [name] });
  expect(args.slice(0, 3)).toEqual([
    "--label-filter=Conformance",
    "--focus=sig-(node|apps)",
    "--skip=Slow",
  ]);
  // What it escapes it escapes as JavaScript does.
  const pattern = new RegExp(args[3]?.replace("--skip=", "") ?? "");
  // ginkgo looks for it in the suite's name and the test's.
  const matches = (test: string) => pattern.test(`Kubernetes e2e suite ${test}`);
  expect(matches(name)).toBe(true);
  expect(matches(`${name} [Slow]`)).toBe(false);
  expect(matches(name.replace("Pods", "Pod"))).toBe(false);
});

describe("how far a run is", () => {
  test.each([
    ["", { ended: 0, failed: 0 }],
    ["Will run 20 of 7321 specs\nRunning in parallel", { chosen: 20, ended: 0, failed: 0 }],
    [
      "Will run 20 of 7321 specs\n••\n• [12.3 seconds]\nname\n",
      { chosen: 20, ended: 3, failed: 0 },
    ],
    ["••• [FAILED] [5.1 seconds]\n• [PANICKED] [1 seconds]\n", { ended: 4, failed: 2 }],
  ])("%j", (output, expected) => {
    expect(tally(output)).toEqual(expected);
  });
});

test("every registry of the tests is the mirror, but for what must not be found", () => {
  const registries = registriesIn("169.254.0.3:5000/kubernetes-ha");
  expect(new Set(Object.values(registries))).toEqual(new Set(["169.254.0.3:5000/kubernetes-ha"]));
  expect(Object.keys(registries)).not.toContain("invalidRegistry");
  expect(Object.keys(registries)).not.toContain("privateRegistry");
});

test("the mirror has their images where it was asked for them, and pause as always", () => {
  const names = (conformance?: string) =>
    imageSpecs({ ...mirrorVersions, ...(conformance !== undefined && { conformance }) }).map(
      ({ name, tag }) => `${name}:${tag}`,
    );
  const usual = names();
  expect(usual).toContain("pause:3.10.2");
  const more = names("v1.36.3").filter((name) => !usual.includes(name));
  expect(more).toEqual([
    "agnhost:2.63.0",
    "agnhost:2.55",
    "busybox:1.37.0-1",
    "glibc-dns-testing:2.0.0",
    "nginx:1.15-4",
    "nginx:1.27-0",
    "nautilus:1.8",
    "kitten:1.8",
    "nonewprivs:1.4",
    "sample-apiserver:1.29.2",
    "etcd:3.6.8-0",
  ]);
});
