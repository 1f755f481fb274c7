import { mkdtemp, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeArtifacts } from "../../../mirror/assembly/artifacts";
import { openContents, verifyContents } from "../../../mirror/manifest";
import { mirrorVersions } from "../../../mirror/layout";

const path = "kubernetes/v1.36.3/amd64/kubelet";
const sha256 = "82c2c43e1b0bd31f4a6de3c2bac6c75d6a33b1da44e2ad3cbbbbd9ae1a7ac5b6";
const specs = [{ path, binary: "kubelet" as const }];

describe("artifacts", () => {
  let directory: string;
  let source: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "artifacts-"));
    source = join(directory, "kubelet");
    await writeFile(source, "a kubelet\n");
  });
  afterEach(() => rm(directory, { recursive: true }));

  test("a file gets a checksum beside it, in the format of sha256sum, and is executable", async () => {
    const [record] = await writeArtifacts(directory, specs, { kubelet: source });
    const checksum = await readFile(join(directory, `${path}.sha256`), "utf8");
    expect(checksum).toBe(`${record?.sha256}  kubelet\n`);
    expect((await stat(join(directory, path))).mode & 0o777).toBe(0o755);
    expect(record).toMatchObject({ path, size: 10 });
  });

  test("a file that is not the pinned one is refused, with both checksums", async () => {
    await expect(
      writeArtifacts(directory, specs, { kubelet: source }, { [path]: sha256 }),
    ).rejects.toThrow(new RegExp(`${path}: .* has SHA-256 [0-9a-f]{64}, pinned is ${sha256}`));
  });

  test("contents with a cut or changed file are noticed", async () => {
    const artifacts = await writeArtifacts(join(directory, "artifacts"), specs, {
      kubelet: source,
    });
    const manifest = { key: "k", versions: mirrorVersions, artifacts, images: [], packages: [] };
    await writeFile(join(directory, "contents.json"), JSON.stringify(manifest));
    const file = join(directory, "artifacts", path);

    expect(await verifyContents(await openContents(directory))).toEqual([]);
    await writeFile(file, "b kubelet\n");
    expect(await verifyContents(await openContents(directory))).toEqual([`artifacts/${path}`]);
    await truncate(file, 3);
    await expect(openContents(directory)).rejects.toThrow(/kubelet has 3 bytes, should have 10/);
  });
});
