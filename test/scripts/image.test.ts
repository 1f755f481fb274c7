import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { run, scripts, temporaryDirectory } from "./support/host";

/** What a function of image.py finds on a host that is a directory: a line each. */
function findings(call: string, files: Record<string, string> = {}, root = temporaryDirectory()) {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  const program = `import sys; sys.path.insert(0, ${JSON.stringify(scripts)}); import image; root = ${JSON.stringify(root)}
for result, _, found, fix in ${call}: print(f"{result}: {found}" + (f" ({fix})" if fix else ""))`;
  const { stdout, stderr } = run("python3", ["-c", program], "", { PYTHONDONTWRITEBYTECODE: "1" });
  expect(stderr).toBe("");
  return stdout.trim().split("\n");
}

describe("kernel settings", () => {
  const own = "etc/sysctl.d/zz-kubernetes-ha.conf";
  const wanted = {
    [own]: "# why\nnet.ipv4.ip_forward = 1\nkernel.panic = 10\n-net.bridge.x = 1\n",
  };
  const kernel = { "proc/sys/net/ipv4/ip_forward": "1\n", "proc/sys/kernel/panic": "10\n" };

  test("as wanted are fine, and one that the kernel does not have may be missing", () => {
    expect(findings("image.sysctls(root)", { ...wanted, ...kernel })).toEqual(["ok: 3 as wanted"]);
  });

  test("of the network that are otherwise are an error, those of the machine are told", () => {
    const files = { ...wanted, ...kernel };
    files["proc/sys/net/ipv4/ip_forward"] = "0\n";
    files["proc/sys/kernel/panic"] = "0\n";
    expect(findings("image.sysctls(root)", files)).toEqual([
      expect.stringMatching(/^FAILED: net\.ipv4\.ip_forward is 0, must be 1 \(sysctl -w /),
      expect.stringMatching(/^warning: kernel\.panic is 0, must be 10/),
    ]);
  });

  test("of another file are told by its name, once, also as a pattern", () => {
    const root = temporaryDirectory();
    mkdirSync(join(root, "etc/sysctl.d"), { recursive: true });
    symlinkSync("../sysctl.conf", join(root, "etc/sysctl.d/99-sysctl.conf"));
    const others = {
      "etc/sysctl.conf": "net/ipv4/ip_forward=0\nnet.ipv4.tcp_syncookies=1\nkernel.panic=10\n",
      "usr/lib/sysctl.d/50-vendor.conf": "kernel.pan* = 3\n",
    };
    expect(findings("image.sysctls(root)", { ...wanted, ...kernel, ...others }, root)).toEqual([
      expect.stringMatching(
        /^warning: \/etc\/sysctl\.conf sets net\.ipv4\.ip_forward = 0, ours is 1/,
      ),
      expect.stringMatching(
        /^warning: \/usr\/lib\/sysctl\.d\/50-vendor\.conf sets kernel\.panic = 3/,
      ),
    ]);
  });

  test("that nobody asked for are not looked at", () => {
    expect(findings("image.sysctls(root)", kernel)).toEqual([""]);
  });
});

describe("CNI plugins", () => {
  function plugin(knows: string): string {
    const path = join(temporaryDirectory(), "bridge");
    writeFileSync(path, `#!/bin/sh\n[ "$CNI_COMMAND" = VERSION ] || exit 1\necho '${knows}'\n`);
    chmodSync(path, 0o755);
    return path;
  }
  const versions = (...known: string[]) =>
    plugin(JSON.stringify({ cniVersion: "1.0.0", supportedVersions: known }));
  const asked = (path: string) => findings(`image.cni_plugins("${path} 1.0.0")`);

  test("that know the version are fine", () => {
    expect(asked(versions("0.4.0", "1.0.0"))).toEqual(["ok: 1 know 1.0.0"]);
  });
  test("of Ubuntu 22.04's first days are refused, with what to do", () => {
    expect(asked(versions("0.3.1", "0.4.0"))).toEqual([
      expect.stringMatching(
        /^FAILED: .*bridge knows versions 0\.3\.1, 0\.4\.0 of CNI, must know 1\.0\.0 \(have containernetworking-plugins 1\.1 or newer in packages\.aptSources/,
      ),
    ]);
  });
  test.each([
    ["that are not there", "/nowhere/bridge"],
    ["that say nothing", plugin("")],
  ])("%s are refused", (_, path) => {
    expect(asked(path)).toEqual([expect.stringMatching(/^FAILED: .* does not tell its versions/)]);
  });
});

describe("a resolver", () => {
  const found = (files: Record<string, string>) => findings("[image.resolver(root)]", files);
  test("that others can ask is fine", () => {
    expect(found({ "etc/resolv.conf": "nameserver 183.60.83.19\n" })).toEqual(["ok: 183.60.83.19"]);
  });
  test("that only the host can ask is refused, but not before systemd-resolved's own file", () => {
    const stub = { "etc/resolv.conf": "nameserver 127.0.0.53\noptions edns0\n" };
    expect(found(stub)[0]).toMatch(/^FAILED: \/etc\/resolv\.conf names 127\.0\.0\.53/);
    const behind = { "run/systemd/resolve/resolv.conf": "nameserver 10.0.0.2\n" };
    expect(found({ ...stub, ...behind })).toEqual(["ok: 10.0.0.2"]);
  });
});
