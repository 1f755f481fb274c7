import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { imageConfig } from "../../../mirror/assembly/image";
import { imageSpecs, mirrorVersions } from "../../../mirror/layout";
import { renderRegistryConfiguration } from "../../../mirror/registry";
import { registryStorage } from "../../../mirror/registryStorage";

const options = {
  program: "/bin/docker-registry",
  storage: "/contents/registry",
  address: "169.254.0.3",
  port: 5000,
};

describe("registry", () => {
  test("is read-only unless it has a copy of its own", () => {
    const readonly = (writable: boolean): boolean => {
      const text = renderRegistryConfiguration({ ...options, writable });
      const { storage } = JSON.parse(text) as {
        storage: { maintenance: { readonly: { enabled: boolean } } };
      };
      return storage.maintenance.readonly.enabled;
    };
    expect(readonly(false)).toBe(true);
    expect(readonly(true)).toBe(false);
  });

  test("a copy of its own shares blobs and nothing that is ever overwritten", async () => {
    const contents = await mkdtemp(join(tmpdir(), "registry-"));
    const blob = join(contents, "registry/blobs/aa");
    await mkdir(blob, { recursive: true });
    await writeFile(join(blob, "data"), "layer");
    await writeFile(join(blob, "link"), "sha256:aa");

    expect(await registryStorage(contents, undefined)).toBe(join(contents, "registry"));
    const own = await registryStorage(contents, join(contents, "own"));
    await writeFile(join(own, "blobs/aa/link"), "sha256:bb");
    expect(await readFile(join(blob, "link"), "utf8")).toBe("sha256:aa");
    expect((await stat(join(own, "blobs/aa/data"))).ino).toBe((await stat(join(blob, "data"))).ino);

    await writeFile(join(own, "pushed"), "");
    await registryStorage(contents, own);
    expect(await readdir(own)).toContain("pushed");
    await rm(contents, { recursive: true });
  });
});

describe("image configuration", () => {
  const configOf = (name: string): Record<string, unknown> => {
    const spec = imageSpecs(mirrorVersions).find((image) => image.name === name);
    if (!spec) throw new Error(`no image ${name}`);
    return (imageConfig(spec, "00") as { config: Record<string, unknown> }).config;
  };

  test("pause runs as nobody in particular, never as root", () => {
    expect(configOf("pause")).toMatchObject({ Entrypoint: ["/pause"], User: "65535:65535" });
  });

  test("etcd is found on PATH, as kubeadm's static pod calls it", () => {
    expect(configOf("etcd")["Env"]).toEqual([expect.stringContaining("/usr/local/bin")]);
    expect(configOf("etcd")).not.toHaveProperty("Entrypoint");
  });

  test("CoreDNS has an entry point, since kubeadm gives arguments only", () => {
    expect(configOf("coredns")).toMatchObject({ Entrypoint: ["/coredns"] });
  });
});
