import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  defaultLabSettings,
  keepLabSettings,
  parseOwnKernel,
  readLabSettings,
} from "../../../lab/settings";

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), "lab-settings-"))));
afterEach(() => rmSync(dir, { recursive: true }));

describe("a lab's settings", () => {
  it("are the routed network, one zone and the machine's kernel for all, unless something else is asked for", () => {
    expect(readLabSettings(dir)).toEqual({
      ...{
        network: "vpc",
        zones: 1,
        internet: false,
        registry: false,
        addons: false,
        offline: false,
        ownKernel: {},
      },
    });
    expect(keepLabSettings(dir, {})).toEqual(defaultLabSettings);
  });

  it("stay as they were at the first start, asked for again or not", () => {
    const settings = {
      ...({
        network: "l2",
        zones: 3,
        internet: true,
        registry: true,
        addons: true,
        offline: true,
        ownKernel: { balancer: 768 },
      } as const),
    };
    keepLabSettings(dir, settings);
    expect(keepLabSettings(dir, {})).toEqual(settings);
    expect(keepLabSettings(dir, settings)).toEqual(settings);
    expect(readLabSettings(dir)).toEqual(settings);
  });

  it("cannot become others", () => {
    keepLabSettings(dir, {});
    expect(() => keepLabSettings(dir, { network: "l2" })).toThrow(
      'network: "l2" was asked for, but this lab was made with "vpc"',
    );
    expect(() => keepLabSettings(dir, { addons: true })).toThrow("npm run lab -- down");
  });

  it.each([
    [{ network: "wlan" }],
    [{ zones: 4 }],
    [{ ownKernel: { balancer: 64 } }],
    [{ ownKernel: { "": 512 } }],
  ])("are never %j", (wrong) => {
    expect(() => keepLabSettings(dir, wrong as never)).toThrow();
    expect(readLabSettings(dir)).toEqual(defaultLabSettings);
  });
});

describe("--own-kernel", () => {
  it("reads roles and memory", () => {
    expect(parseOwnKernel(["balancer=768", "worker=2048"])).toEqual({
      balancer: 768,
      worker: 2048,
    });
  });

  it.each(["balancer", "balancer=", "=512", "balancer=1G"])("refuses %s", (word) =>
    expect(() => parseOwnKernel([word])).toThrow(`got "${word}"; allowed is a role`),
  );
});
