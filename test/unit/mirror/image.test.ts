import { spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildImage, type ImageSources } from "../../../mirror/assembly/image";
import type { ImageSpec } from "../../../mirror/layout";

const directory = mkdtempSync(join(tmpdir(), "image-"));
afterAll(() => rmSync(directory, { recursive: true }));

/** A program that answers `--list` as busybox does. */
const program = join(directory, "program");
writeFileSync(program, "#!/bin/sh\nprintf 'sh\\nls\\nnc\\n'\n");
chmodSync(program, 0o755);
const sources = {
  sysroot: directory,
  binaries: { agnhost: program },
  compiled: {},
} as unknown as ImageSources;

/** Lines of `tar --list --verbose`: mode, size, name and where a link leads. */
async function listed(name: string, spec: Partial<ImageSpec>): Promise<string[]> {
  const whole = { name, tag: "1", base: false, programs: {}, ...spec };
  const layout = await buildImage(whole, sources, join(directory, name));
  const read = (path: string) =>
    JSON.parse(readFileSync(join(layout, path), "utf8")) as Record<string, { digest: string }[]>;
  const blob = (digest = "") => join("blobs/sha256", digest.replace("sha256:", ""));
  const manifest = read(blob(read("index.json")["manifests"]?.[0]?.digest));
  const layer = join(layout, blob(manifest["layers"]?.[0]?.digest));
  const { stdout } = spawnSync("tar", ["-tvf", layer], { encoding: "utf8" });
  return stdout.split("\n").map((line) => line.replace(/^(\S+) \S+ +(\d+) \S+ \S+ /, "$1 $2 "));
}

test("a program with its owner's rights; what it is a copy of keeps its mode", async () => {
  const path = "/usr/local/bin/nnp";
  const files = await listed("setuid", {
    programs: { [path]: { binary: "agnhost" } },
    setuid: path,
  });
  expect(files).toContainEqual(expect.stringMatching(/^-rwsr-xr-x \d+ usr\/local\/bin\/nnp$/));
  expect(statSync(program).mode & 0o7777).toBe(0o755);
});

test("every name of busybox is a link to it, where nothing else is", async () => {
  const files = await listed("applets", {
    programs: { "/bin/busybox": { static: "/program" }, "/bin/nc": { binary: "agnhost" } },
    files: { "/uploads/.keep": "", "/etc/motd": "welcome\n" },
    links: { "/agnhost-2": "agnhost" },
    applets: true,
  });
  expect(files).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^-rwxr-xr-x \d+ bin\/busybox$/),
      expect.stringMatching(/^-rwxr-xr-x \d+ bin\/nc$/),
      "lrwxrwxrwx 0 bin/sh -> busybox",
      "lrwxrwxrwx 0 bin/ls -> busybox",
      "lrwxrwxrwx 0 agnhost-2 -> agnhost",
      expect.stringMatching(/^-rw-r--r-- 0 uploads\/\.keep$/),
      expect.stringMatching(/^-rw-r--r-- 8 etc\/motd$/),
    ]),
  );
  expect(readdirSync(join(directory, "applets"))).toContain("layout");
});
