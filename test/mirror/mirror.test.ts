import { createHash } from "node:crypto";
import { chmod, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cacheRoot } from "../../lab/identity";
import { readAccessLog } from "../../mirror/accessLog";
import { ensureContents, type ContentsOptions } from "../../mirror/contents";
import { startMirror, type Mirror } from "../../mirror/server";
import type { Contents } from "../../mirror/manifest";
import { must, run } from "../../lab/process";
import { ensureToolchain } from "../../toolchain";
import { downloadPackages } from "./support/aptClient";

const kubelet = "kubernetes/v1.36.3/amd64/kubelet";
const probe = "kubernetes-ha/probe:v1";
const sha256 = (bytes: string): string => createHash("sha256").update(bytes).digest("hex");

/** Real packages, registry and images; the one artifact is a stand-in, for what is in an artifact is nothing to a mirror. */
describe("a mirror", () => {
  let scratch: string;
  let crane: string;
  let options: ContentsOptions;
  let contents: Contents;
  let mirror: Mirror;
  let log: string;
  const told: string[] = [];

  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), "mirror-test-"));
    log = join(scratch, "access.log");
    crane = (await ensureToolchain({ need: ["crane"] })).binary("crane");
    const file = join(scratch, "kubelet");
    await writeFile(file, "#!/bin/sh\necho Kubernetes v1.36.3\n");
    await chmod(file, 0o755);
    options = {
      binaries: { crane, kubelet: file },
      partial: true,
      cache: join(scratch, "cache"),
      packageCache: join(cacheRoot(), "mirror"),
      progress: (line) => told.push(line),
    };
    contents = await ensureContents(options);
    mirror = await startMirror({
      contents: contents.directory,
      address: "127.0.0.1",
      httpPort: 0,
      registryPort: 0,
      log,
    });
  }, 600_000);

  afterAll(async () => {
    try {
      await mirror.close();
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  });

  const status = (path: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(mirror.url);
      request({ hostname, port, path }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on("error", reject)
        .end();
    });

  test("contents that are there are taken as they are", async () => {
    const before = told.length;
    expect((await ensureContents(options)).directory).toBe(contents.directory);
    expect(told).toHaveLength(before);
    expect(told.at(-1)).toMatch(/^mirror: ready \(\d+\.\d s\)$/);
  });

  test("an artifact matches the checksum beside it", async () => {
    const body = await (await fetch(`${mirror.url}/artifacts/${kubelet}`)).text();
    const checksum = await (await fetch(`${mirror.url}/artifacts/${kubelet}.sha256`)).text();
    expect(checksum).toBe(`${sha256(body)}  kubelet\n`);
  });

  test("a broken download goes on where it stopped", async () => {
    const range = async (value: string): Promise<Response> =>
      fetch(`${mirror.url}/artifacts/${kubelet}`, { headers: { range: value } });
    const rest = await range("bytes=2-");
    expect(rest.status).toBe(206);
    expect(await rest.text()).toMatch(/^\/bin\/sh/);
    expect((await range("bytes=999999-")).status).toBe(416);
  });

  test.each([
    "/contents.json",
    "/bin/docker-registry",
    "/artifacts/../contents.json",
    "/artifacts/%2e%2e/contents.json",
    "/artifacts/..%2fcontents.json",
    "/artifacts/%252e%252e/contents.json",
    "/apt//etc/passwd",
    "/artifacts/kubernetes",
  ])("%s is not served", async (path) => {
    expect(await status(path)).toBe(404);
  });

  test("a pinned checksum that does not hold stops the assembly and leaves nothing", async () => {
    const cache = join(scratch, "refused");
    const pinned = { ...options, cache, checksums: { [kubelet]: "0".repeat(64) } };
    await expect(ensureContents(pinned)).rejects.toThrow(/pinned is 0{64}/);
    expect(await readdir(cache)).toEqual([]);
  });

  test("apt on a bare system finds a package and all it depends on", async () => {
    const files = await downloadPackages(
      join(scratch, "apt"),
      `deb [trusted=yes] ${mirror.url}/apt ./`,
      ["haproxy", "keepalived", "chrony", "runc", "containernetworking-plugins"],
    );
    for (const name of ["haproxy_", "keepalived_", "chrony_", "runc_", "libc6_"]) {
      expect(files).toContainEqual(expect.stringMatching(`^${name}`));
    }
  });

  test("an image is pulled, and its program works", async () => {
    const recorded = contents.manifest.images.find((image) => image.reference === probe);
    const { stdout } = await must([crane, "digest", `${mirror.registry}/${probe}`]);
    expect(stdout.trim()).toBe(recorded?.digest);

    const rootfs = join(scratch, "probe.tar");
    await must([crane, "export", `${mirror.registry}/${probe}`, rootfs]);
    await must(["tar", "--extract", "--file", rootfs, "--directory", scratch, "usr", "etc"]);
    // By number kube-proxy would not know its own rules again.
    expect(await readFile(join(scratch, "etc/protocols"), "utf8")).toMatch(/^tcp\s+6\s/m);
    const program = join(scratch, "usr/local/bin/probe");
    const get = await must([program, "get", `${mirror.url}/artifacts/${kubelet}.sha256`]);
    expect(get.stdout).toMatch(/kubelet$/m);
    const refused = await run([program, "get", `${mirror.url}/nothing`, "--timeout", "2s"]);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("404") as string });
    expect((await must([program, "lookup", "localhost"])).stdout).toMatch(/^127\.0\.0\.1$/m);
  });

  test("the same inputs give the same images", async () => {
    const again = await ensureContents({ ...options, cache: join(scratch, "again") });
    expect(again.manifest.images).toEqual(contents.manifest.images);
  });

  test("a shared registry takes no push; a copy of one's own does, and the shared one stays", async () => {
    const layout = join(scratch, "pushed");
    await must([crane, "pull", "--format=oci", `${mirror.registry}/${probe}`, layout]);
    const refused = await run([crane, "push", layout, `${mirror.registry}/team/app:v1`]);
    expect(refused.code).not.toBe(0);

    const own = await startMirror({
      contents: contents.directory,
      address: "127.0.0.1",
      httpPort: 0,
      registryPort: 0,
      registryData: join(scratch, "own"),
    });
    try {
      await must([crane, "push", layout, `${own.registry}/team/app:v1`]);
      const { stdout } = await must([crane, "catalog", own.registry]);
      expect(stdout).toMatch(/^team\/app$/m);
      expect((await must([crane, "catalog", mirror.registry])).stdout).not.toContain("team/app");
    } finally {
      await own.close();
    }
  });

  test("the log tells who asked for what, on both ports", async () => {
    await fetch(`${mirror.url}/artifacts/${kubelet}`).then((response) => response.text());
    const entries = await readAccessLog(log);
    const size = (await readFile(join(contents.directory, "artifacts", kubelet))).length;
    expect(entries).toContainEqual(
      expect.objectContaining({
        client: "127.0.0.1",
        path: `/artifacts/${kubelet}`,
        status: 200,
        bytes: size,
      }),
    );
    expect(entries).toContainEqual(
      expect.objectContaining({
        client: "127.0.0.1",
        path: "/v2/kubernetes-ha/probe/manifests/v1",
        status: 200,
      }),
    );
  });
});
