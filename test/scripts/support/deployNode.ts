import { chmodSync, cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeArchive } from "../../../operations/bundle/archive";
import { type Ended, run, temporaryDirectory } from "./host";

const checkout = join(__dirname, "../../..");
const operations = join(checkout, "operations/bundle");

export interface TestBundle {
  /** Content of a file of it, so that another one is another version. */
  content?: string;
  signingKey?: string;
}

/** Makes a bundle as `npm run bundle` does, of some small files. @returns the archive's path */
export async function bundleOf({ content = "1", signingKey }: TestBundle = {}): Promise<string> {
  const dir = temporaryDirectory();
  const out = join(dir, "bundle.tar");
  await writeArchive({
    staging: join(dir, "staging"),
    files: [
      { path: "engine/pulumi", text: content },
      { path: "program/index.ts", text: "" },
      ...["profile.sh", "kubernetes-ha-mirror.service"].map((name) => ({
        path: `program/operations/bundle/${name}`,
        source: join(operations, name),
      })),
      { path: "mirror/artifacts/kubernetes/v1.36.3/amd64/kubectl", text: "kubectl" },
      { path: "settings.yaml", text: "sources:\n  baseUrl: http://@ADDRESS@/artifacts\n" },
    ],
    script: join(operations, "bundle.sh"),
    manifest: ({ digest }) => ({
      ...{ format: 1, id: `0.1.0-${digest.slice(0, 12)}`, machine: "x86_64" },
      ...{ unpackedMiB: 1, kubernetes: "v1.36.3" },
    }),
    signingKey,
    out,
  });
  return out;
}

/** Directories of this machine that a deploy node has its own of. */
const own = ["etc", "opt", "run", "var/lib"];

/** A host on which bundles are installed: this machine, with directories of its own where the script writes, and a systemd that only takes notes. */
export class DeployNode {
  readonly root = temporaryDirectory();
  private readonly bin = join(this.root, "bin");

  constructor() {
    for (const path of own) mkdirSync(join(this.root, path), { recursive: true });
    for (const name of ["passwd", "group", "ld.so.cache"])
      cpSync(join("/etc", name), join(this.root, "etc", name), { dereference: true });
    for (const path of ["etc/systemd/system", "etc/profile.d"])
      mkdirSync(join(this.root, path), { recursive: true });
    mkdirSync(this.bin);
    this.tool(
      "systemctl",
      `echo "$@" >>${this.root}/systemctl.log
      [ "$1" != start ] || { mkdir -p /run/kubernetes-ha-mirror && echo 1 >/run/kubernetes-ha-mirror/pid; }`,
    );
  }

  /** Puts a shell script before the host's own program of that name. */
  tool(name: string, script: string): void {
    writeFileSync(join(this.bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(this.bin, name), 0o755);
  }

  /** Takes the script out of the archive, as people do first, and runs it. */
  bundle(archive: string, ...args: string[]): Ended {
    run("tar", ["-xf", archive, "-C", this.root, "bundle"]);
    const binds = own.map((path) => `mount --bind "${join(this.root, path)}" "/${path}"`);
    const program = [...binds, `exec "${this.root}/bundle" "$@"`].join("\n");
    return run(
      "unshare",
      ["--mount", "--propagation", "private", "bash", "-euc", program, "bash", ...args],
      "",
      { PATH: `${this.bin}:${process.env["PATH"] ?? ""}` },
    );
  }
}
