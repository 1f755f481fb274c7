import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeArchive } from "../../../../operations/bundle/archive";
import { type BundleFile, filesBelow, stage } from "../../../../operations/bundle/files";

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), "bundle-"))));
afterEach(() => rmSync(dir, { recursive: true }));

const tar = (...args: string[]) => execFileSync("tar", args, { encoding: "utf8" });

/** Writes an archive of two files. @param signingKey see ArchiveOptions */
function archiveOf(name: string, signingKey?: string) {
  const source = join(dir, "source");
  writeFileSync(source, "a program");
  utimesSync(source, new Date(), new Date());
  return writeArchive({
    staging: join(dir, `staging-${name}`),
    files: [
      { path: "engine/pulumi", source },
      { path: "settings.yaml", text: "sources: {}\n" },
    ],
    script: join(__dirname, "../../../../operations/bundle/bundle.sh"),
    manifest: ({ digest, unpackedMiB }) => ({ id: digest, unpackedMiB }),
    signingKey,
    out: join(dir, name),
  });
}

test("an archive begins with what is read before it is unpacked, and sha256sum finds all of it right", async () => {
  const { sha256 } = await archiveOf("one.tar");
  expect(tar("-tf", join(dir, "one.tar")).trim().split("\n")).toEqual([
    ...["bundle", "manifest.json", "SHA256SUMS", "engine/", "engine/pulumi", "settings.yaml"],
  ]);
  mkdirSync(join(dir, "out"));
  tar("-xf", join(dir, "one.tar"), "-C", join(dir, "out"));
  const check = (file: string, cwd: string) =>
    execFileSync("sha256sum", ["--check", file], { cwd, encoding: "utf8" });
  expect(check("SHA256SUMS", join(dir, "out")).trim().split("\n").sort()).toEqual([
    ...["bundle: OK", "engine/pulumi: OK", "manifest.json: OK", "settings.yaml: OK"],
  ]);
  expect(check("one.tar.sha256", dir)).toBe("one.tar: OK\n");
  expect(readFileSync(join(dir, "one.tar.sha256"), "utf8")).toBe(`${sha256}  one.tar\n`);
  expect(readdirSync(dir)).not.toContain("one.tar.partial");
});

test("the same files give the same archive, whenever they were written", async () => {
  const first = await archiveOf("one.tar");
  expect(await archiveOf("two.tar")).toEqual(first);
});

test("a signature is by the key that was named, over the sums", async () => {
  const key = join(dir, "key");
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key]);
  await archiveOf("one.tar", key);
  tar("-xf", join(dir, "one.tar"), "-C", dir, "SHA256SUMS", "SHA256SUMS.sig");
  const signers = `kubernetes-ha-bundle ${readFileSync(`${key}.pub`, "utf8")}`;
  writeFileSync(join(dir, "signers"), signers);
  const name = "kubernetes-ha-bundle";
  const verify = (input: Buffer) =>
    execFileSync(
      "ssh-keygen",
      [
        ...["-Y", "verify", "-f", join(dir, "signers"), "-I", name, "-n", name],
        ...["-s", join(dir, "SHA256SUMS.sig")],
      ],
      { input, encoding: "utf8", stdio: ["pipe", "pipe", "pipe"] },
    );
  const sums = readFileSync(join(dir, "SHA256SUMS"));
  expect(verify(sums)).toContain("Good");
  expect(() => verify(Buffer.concat([sums, Buffer.from("\n")]))).toThrow();
});

test("a key that cannot sign is told, and there is no archive", async () => {
  await expect(archiveOf("one.tar", join(dir, "nowhere"))).rejects.toThrow(
    /^ssh-keygen could not sign with .*nowhere: --sign takes/,
  );
  expect(readdirSync(dir).filter((name) => name.startsWith("one.tar"))).toEqual([]);
});

describe("files of a bundle", () => {
  test("are those below a directory, without what is skipped", () => {
    mkdirSync(join(dir, "a/node_modules"), { recursive: true });
    for (const path of ["a/one", "a/node_modules/two", "three"]) writeFileSync(join(dir, path), "");
    expect(filesBelow(dir, "x", ["node_modules"])).toEqual([
      { path: "x/a/one", source: join(dir, "a/one") },
      { path: "x/three", source: join(dir, "three") },
    ]);
  });

  test("are programs where that is said, and keep what mode they have", async () => {
    const source = join(dir, "program");
    writeFileSync(source, "", { mode: 0o755 });
    await stage(join(dir, "in"), [
      { path: "run", text: "", executable: true },
      { path: "read", text: "" },
      { path: "program", source },
    ]);
    const modes = ["run", "read", "program"].map((name) => statSync(join(dir, "in", name)).mode);
    expect(modes.map((mode) => mode & 0o777)).toEqual([0o755, 0o644, 0o755]);
  });

  test("are no links", () => {
    symlinkSync("/etc/passwd", join(dir, "link"));
    expect(() => filesBelow(dir, "x")).toThrow(/link is neither a file nor a directory/);
  });

  test.each<BundleFile>([{ path: "../out", text: "" }])("are never outside: %j", async (file) => {
    await expect(stage(join(dir, "in"), [file])).rejects.toThrow("../out is outside of the bundle");
  });
});
