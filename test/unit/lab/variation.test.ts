import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keepVariation, readVariation, variationWith } from "../../../lab/variation";

const dir = mkdtempSync(join(tmpdir(), "kubernetes-ha-variation-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test.each([
  ["nothing on nothing", {}, {}, {}],
  ["one that is named", {}, { entry: "clb" }, { entry: "clb" }],
  ["one that is not named stays", { entry: "clb" }, {}, { entry: "clb" }],
  ["another one", { entry: "clb" }, { entry: "vip" }, { entry: "vip" }],
  [
    "beside what else varies",
    { topology: "stacked" },
    { entry: "clb" },
    { entry: "clb", topology: "stacked" },
  ],
  [
    "the configuration's own again",
    { entry: "clb", topology: "stacked" },
    { entry: "default" },
    { topology: "stacked" },
  ],
])("%s", (_, last, wanted, expected) => {
  expect(variationWith(last, wanted)).toEqual(expected);
});

test("a lab has none before its first, and then the last", () => {
  expect(readVariation(dir)).toEqual({});
  keepVariation(dir, { entry: "clb" });
  keepVariation(dir, { entry: "node-haproxy" });
  expect(readVariation(dir)).toEqual({ entry: "node-haproxy" });
});
