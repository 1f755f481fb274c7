import { chmod, copyFile, mkdir, rename, symlink, writeFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Binaries, ImageSpec } from "../layout";
import { must } from "../../lab/process";
import { linkOrCopy } from "../linkOrCopy";
import { fileDigest, type FileDigest } from "./digest";
import type { CompiledPrograms } from "./programs";
import { copyWithLibraries } from "./sysroot";

/** Where the parts of images come from. */
export interface ImageSources {
  binaries: Binaries;
  compiled: CompiledPrograms;
  sysroot: string;
}

/**
 * Builds one image as an OCI layout (the directory format of the image specification), the same bytes for the same inputs.
 * One layer, not compressed: the mirror is one hop from its hosts, so unpacking costs more than the network does, and every host
 * unpacks every image.
 * @param directory is created; holds the layout at `layout/` when done
 * @returns path of the layout
 */
export async function buildImage(
  spec: ImageSpec,
  sources: ImageSources,
  directory: string,
): Promise<string> {
  const rootfs = join(directory, "rootfs");
  await mkdir(rootfs, { recursive: true });
  await fillRootfs(rootfs, spec, sources);
  const layer = join(directory, "layer.tar");
  // Names sorted, nobody's ids, no times: the digest depends on the content alone.
  await must([
    "tar",
    ...["--create", "--file", layer, "--format=gnu", "--sort=name", "--mtime=@0"],
    ...["--owner=0", "--group=0", "--numeric-owner", "--hard-dereference"],
    ...["--directory", rootfs, "--transform=s,^\\./,,", "."],
  ]);
  return writeLayout(spec, layer, join(directory, "layout"));
}

async function fillRootfs(rootfs: string, spec: ImageSpec, sources: ImageSources): Promise<void> {
  if (spec.base) await writeBase(rootfs, sources.sysroot);
  const debian: Record<string, string> = {};
  for (const [path, source] of Object.entries(spec.programs)) {
    if ("debian" in source) {
      debian[source.debian] = path;
      continue;
    }
    const file =
      "static" in source
        ? join(sources.sysroot, source.static)
        : "compiled" in source
          ? sources.compiled[source.compiled]
          : sources.binaries[source.binary];
    if (file === undefined) {
      throw new Error(`image ${spec.name}: no program was given for ${path}`);
    }
    await (spec.setuid === path ? placeSetuid : place)(file, join(rootfs, path));
  }
  await copyWithLibraries(sources.sysroot, debian, spec.debianDirectories ?? [], rootfs);
  for (const [path, text] of Object.entries(spec.files ?? {})) {
    await mkdir(dirname(join(rootfs, path)), { recursive: true });
    await writeFile(join(rootfs, path), text);
  }
  for (const [path, target] of Object.entries(spec.links ?? {})) {
    await mkdir(dirname(join(rootfs, path)), { recursive: true });
    await symlink(target, join(rootfs, path));
  }
  if (spec.applets) await linkApplets(rootfs);
}

/** busybox does what it is called for: every name that it lists. */
async function linkApplets(rootfs: string): Promise<void> {
  const { stdout } = await must([join(rootfs, "bin/busybox"), "--list"]);
  for (const name of stdout.trim().split("\n")) {
    const path = join(rootfs, "bin", name);
    if (!existsSync(path)) await symlink("busybox", path);
  }
}

/** What programs expect of any system: users, the order of name services, protocols and services by name, certificate authorities, a place for temporary files. */
async function writeBase(rootfs: string, sysroot: string): Promise<void> {
  await mkdir(join(rootfs, "etc/ssl/certs"), { recursive: true });
  await writeFile(
    join(rootfs, "etc/passwd"),
    "root:x:0:0:root:/root:/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\n",
  );
  await writeFile(join(rootfs, "etc/group"), "root:x:0:\nnogroup:x:65534:\n");
  await writeFile(join(rootfs, "etc/nsswitch.conf"), "hosts: files dns\n");
  await copyFile(
    join(sysroot, "ca-certificates.crt"),
    join(rootfs, "etc/ssl/certs/ca-certificates.crt"),
  );
  // Of netbase, as base images have them. Without the former nft lists protocols as numbers: a kube-proxy that is started anew then takes what it has
  // written before for somebody else's, and deletes it.
  for (const name of ["protocols", "services"])
    await copyFile(join(sysroot, "etc", name), join(rootfs, "etc", name));
  await mkdir(join(rootfs, "tmp"));
  await chmod(join(rootfs, "tmp"), 0o1777);
}

/** A copy: a link would change the mode of what it is linked to. */
async function placeSetuid(source: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  await copyFile(source, target);
  await chmod(target, 0o4755);
}

/** The layer is written from the link at once, so a link is as good as the copy it saves. */
async function place(source: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  await linkOrCopy(source, target);
}

async function writeLayout(spec: ImageSpec, layer: string, directory: string): Promise<string> {
  const blobs = join(directory, "blobs/sha256");
  await mkdir(blobs, { recursive: true });
  const layerDigest = await fileDigest(layer);
  await rename(layer, join(blobs, layerDigest.sha256));
  const writeBlob = async (value: unknown): Promise<FileDigest> => {
    const text = JSON.stringify(value);
    const sha256 = createHash("sha256").update(text).digest("hex");
    await writeFile(join(blobs, sha256), text);
    return { size: Buffer.byteLength(text), sha256 };
  };
  const config = await writeBlob(imageConfig(spec, layerDigest.sha256));
  const manifest = await writeBlob({
    schemaVersion: 2,
    mediaType: manifestType,
    config: descriptor("application/vnd.oci.image.config.v1+json", config),
    layers: [descriptor("application/vnd.oci.image.layer.v1.tar", layerDigest)],
  });
  await writeFile(join(directory, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  await writeFile(
    join(directory, "index.json"),
    JSON.stringify({ schemaVersion: 2, manifests: [descriptor(manifestType, manifest)] }),
  );
  return directory;
}

const manifestType = "application/vnd.oci.image.manifest.v1+json";

function descriptor(mediaType: string, digest: FileDigest): object {
  return { mediaType, digest: `sha256:${digest.sha256}`, size: digest.size };
}

/** The image configuration of the OCI specification; `layer` is the digest of the layer, which is its own diff id. */
export function imageConfig(spec: ImageSpec, layer: string): object {
  return {
    created: "1970-01-01T00:00:00Z",
    architecture: "amd64",
    os: "linux",
    config: {
      Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/bin"],
      ...(spec.entrypoint && { Entrypoint: spec.entrypoint }),
      ...(spec.command && { Cmd: spec.command }),
      ...(spec.user && { User: spec.user }),
    },
    rootfs: { type: "layers", diff_ids: [`sha256:${layer}`] },
    history: [{ created: "1970-01-01T00:00:00Z", created_by: "mirror" }],
  };
}
