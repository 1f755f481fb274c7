import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { bundleOf, DeployNode } from "./support/deployNode";
import { temporaryDirectory } from "./support/host";

// Where the script writes is given to it by mounts.
const root = process.getuid?.() === 0 ? describe : describe.skip;
const address = ["--address", "10.0.250.10"];

root("bundle install", () => {
  let node: DeployNode;
  beforeEach(() => (node = new DeployNode()));

  const path = (...parts: string[]) => join(node.root, ...parts);
  const text = (...parts: string[]) => readFileSync(path(...parts), "utf8");
  const install = (archive: string, ...more: string[]) =>
    node.bundle(archive, "install", archive, ...address, ...more);

  test("unpacks, has the mirror started and running for good, and says what the configuration needs", async () => {
    const { status, stdout, stderr } = install(await bundleOf());
    expect(stderr).toContain("done");
    expect(status).toBe(0);
    expect(stdout).toContain("baseUrl: http://10.0.250.10/artifacts");
    expect(readlinkSync(path("opt/kubernetes-ha/current"))).toMatch(/^0\.1\.0-[0-9a-f]{12}$/);
    expect(text("opt/kubernetes-ha/current/engine/pulumi")).toBe("1");
    expect(text("opt/kubernetes-ha/current/engine/kubectl")).toBe("kubectl");
    expect(text("etc/kubernetes-ha/mirror")).toBe("ADDRESS=10.0.250.10\n");
    expect(text("etc/profile.d/kubernetes-ha.sh")).toContain("PULUMI_HOME=");
    expect(existsSync(path("etc/systemd/system/kubernetes-ha-mirror.service"))).toBe(true);
    const orders = text("systemctl.log").trim().split("\n");
    expect(orders).toEqual([
      "daemon-reload",
      "enable --quiet kubernetes-ha-mirror.service",
      "stop kubernetes-ha-mirror.service",
      "start kubernetes-ha-mirror.service",
    ]);
  });

  test("runs again, also after an interruption, and keeps the address", async () => {
    const archive = await bundleOf();
    mkdirSync(path("opt/kubernetes-ha/.unpacking/program"), { recursive: true });
    writeFileSync(path("opt/kubernetes-ha/.unpacking/program/half"), "");
    expect(install(archive).status).toBe(0);
    expect(existsSync(path("opt/kubernetes-ha/current/program/half"))).toBe(false);
    const again = node.bundle(archive, "install", archive);
    expect(again.stderr).toContain("is unpacked already");
    expect(again.status).toBe(0);
    expect(text("etc/kubernetes-ha/mirror")).toBe("ADDRESS=10.0.250.10\n");
  });

  test("a newer one takes the place of the one before and goes on with its stacks' configuration", async () => {
    install(await bundleOf());
    const before = readlinkSync(path("opt/kubernetes-ha/current"));
    writeFileSync(path("opt/kubernetes-ha/current/program/Pulumi.prod.yaml"), "encryptionsalt: x");
    expect(install(await bundleOf({ content: "2" })).status).toBe(0);
    expect(readlinkSync(path("opt/kubernetes-ha/current"))).not.toBe(before);
    expect(text("opt/kubernetes-ha/current/engine/pulumi")).toBe("2");
    expect(text("opt/kubernetes-ha/current/program/Pulumi.prod.yaml")).toBe("encryptionsalt: x");
  });

  test("what was damaged since is found by verify, and put right; the configuration stays", async () => {
    const archive = await bundleOf();
    install(archive);
    expect(node.bundle(archive, "verify")).toMatchObject({ status: 0 });
    writeFileSync(path("opt/kubernetes-ha/current/program/Pulumi.prod.yaml"), "encryptionsalt: x");
    writeFileSync(path("opt/kubernetes-ha/current/engine/pulumi"), "other");
    const { status, stderr } = node.bundle(archive, "verify");
    expect([status, stderr]).toEqual([1, expect.stringContaining("  engine/pulumi: FAILED\n")]);
    expect(stderr).toMatch(/error: 0\.1\.0-\w+ is damaged: `bundle install` of its archive/);
    expect(install(archive).status).toBe(0);
    expect(text("opt/kubernetes-ha/current/engine/pulumi")).toBe("1");
    expect(text("opt/kubernetes-ha/current/program/Pulumi.prod.yaml")).toBe("encryptionsalt: x");
  });

  /** Nothing was installed, and this was said. */
  function refused(archive: string, said: string | RegExp, ...more: string[]): void {
    const { status, stderr } = install(archive, ...more);
    expect(stderr).toMatch(said);
    expect(status).toBe(1);
    expect(existsSync(path("opt/kubernetes-ha/current"))).toBe(false);
    expect(existsSync(path("systemctl.log"))).toBe(false);
  }

  test("names the file that is damaged, and how to get it again", async () => {
    const archive = await bundleOf({ content: "a program of some length" });
    const at = readFileSync(archive).indexOf("a program of some length");
    const file = openSync(archive, "r+");
    writeSync(file, "A", at);
    closeSync(file);
    refused(archive, / {2}engine\/pulumi: FAILED\nerror: .* is damaged: copy it again from where/);
  });

  test.each([
    [
      "cut off",
      (archive: string) =>
        truncateSync(archive, readFileSync(archive).lastIndexOf("settings.yaml") + 520),
      /is damaged or cut off: copy/,
    ],
    [
      "none at all",
      (archive: string) => writeFileSync(archive, "x"),
      /is no bundle, or is damaged/,
    ],
    [
      "one with a file that has no sum",
      (archive: string) => {
        const other = temporaryDirectory();
        writeFileSync(join(other, "other"), "");
        execFileSync("tar", ["-rf", archive, "-C", other, "other"]);
      },
      /the archive has \d+ files, and sums of \d+: copy it again/,
    ],
    [
      "one with a link",
      (archive: string) => {
        const other = temporaryDirectory();
        symlinkSync("/etc/shadow", join(other, "other"));
        execFileSync("tar", ["-rf", archive, "-C", other, "other"]);
      },
      /the archive has other, which is neither file nor directory/,
    ],
  ])("refuses an archive that is %s", async (_, damage, said) => {
    const archive = await bundleOf();
    const { status } = node.bundle(archive, "--help");
    expect(status).toBe(0);
    damage(archive);
    refused(archive, said);
  });

  test("refuses a host of another architecture before it takes any room", async () => {
    node.tool("uname", "echo aarch64");
    refused(await bundleOf(), /are for x86_64, and this host is aarch64: make the deploy node/);
    expect(existsSync(path("opt/kubernetes-ha/.unpacking"))).toBe(false);
  });

  test("says how much room is missing", async () => {
    node.tool("stat", "echo '25600 * 4096'");
    refused(await bundleOf(), /has 100 MiB free, and the bundle takes 513 MiB: free 413 MiB/);
  });

  test("says what a host lacks", async () => {
    const { status, stderr } = node.bundle(await bundleOf(), "install", "/nowhere.tar");
    expect([status, stderr]).toEqual([1, expect.stringContaining("there is no file /nowhere.tar")]);
    refused(await bundleOf(), /there is no option --adress; see bundle --help/, "--adress", "x");
  });

  describe("with --allowed-signers", () => {
    const keys = temporaryKeys();
    const signers = (name: keyof typeof keys) => ["--allowed-signers", `${keys[name]}.signers`];

    test("takes what one of them has signed", async () => {
      const { status, stderr } = install(
        await bundleOf({ signingKey: keys.ours }),
        ...signers("ours"),
      );
      expect(stderr).toContain('Good "kubernetes-ha-bundle" signature');
      expect(status).toBe(0);
    });

    test("refuses what another has signed, and what nobody has", async () => {
      const theirs = await bundleOf({ signingKey: keys.theirs });
      refused(theirs, /is not signed by anybody in .*: do not use it/, ...signers("ours"));
      refused(await bundleOf(), /the bundle is not signed: npm run bundle/, ...signers("ours"));
    });
  });

  test("says that a signature was not looked at", async () => {
    const { ours } = temporaryKeys();
    const { stderr } = install(await bundleOf({ signingKey: ours }));
    expect(stderr).toContain("the bundle is signed; who by was not looked at");
  });
});

function temporaryKeys() {
  const dir = temporaryDirectory();
  const key = (name: string) => {
    const file = join(dir, name);
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file]);
    appendFileSync(
      `${file}.signers`,
      `kubernetes-ha-bundle ${readFileSync(`${file}.pub`, "utf8")}`,
    );
    return file;
  };
  return { ours: key("ours"), theirs: key("theirs") };
}
