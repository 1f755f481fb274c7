import { debianPackages, missingPackages } from "../../../toolchain/debian";
import { capabilities, memory } from "../../../toolchain/doctor";

describe("doctor", () => {
  test("names the capabilities that are missing", () => {
    expect(capabilities("Name:\tnode\nCapEff:\t000001ffffffffff\n")).toMatchObject({
      ok: true,
      found: "all",
    });
    expect(capabilities("CapEff:\t00000000a80425fb\n")).toMatchObject({
      ok: false,
      found: "without net_admin, sys_admin",
    });
    expect(capabilities(undefined).ok).toBe(false);
  });

  test("compares memory in GiB and says what to do", () => {
    expect(memory(4 * 2 ** 30)).toEqual({
      name: "memory",
      ok: false,
      found: "4.0 GiB",
      need: ">= 10 GiB",
      fix: expect.stringContaining("larger machine") as string,
    });
    expect(memory(24 * 2 ** 30).ok).toBe(true);
  });
});

describe("Debian packages", () => {
  const entry = (name: string, status: string): string =>
    `Package: ${name}\nStatus: ${status}\nVersion: 1\n`;

  test("what is removed or half installed is missing", () => {
    const status = [
      entry("nftables", "install ok installed"),
      entry("debootstrap", "deinstall ok config-files"),
      entry("iproute2", "install ok half-configured"),
      entry("held", "hold ok installed"),
    ].join("\n");
    expect(
      missingPackages(["nftables", "debootstrap", "iproute2", "held", "absent"], status),
    ).toEqual(["debootstrap", "iproute2", "absent"]);
  });

  test("each is there for something", () => {
    for (const purpose of Object.values(debianPackages)) expect(purpose).not.toBe("");
  });
});
