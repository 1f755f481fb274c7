/** `npm run bundle -- --out bundle.tar`: everything that a cluster is made with, for a deploy node without any way out. docs/offline.md tells what to do with it. */
import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { version } from "../package.json";
import { cacheRoot } from "../lab/identity";
import { must, run } from "../lab/process";
import { ensureContents } from "../mirror/contents";
import { ensureToolchain, type Toolchain } from "../toolchain";
import { withLock } from "../toolchain/lock";
import { pinnedNode, pinnedNpm } from "../toolchain/node.cjs";
import { say, step } from "../toolchain/progress";
import { provenance } from "../toolchain/provenance";
import { versions } from "../toolchain/versions";
import type { Contents } from "../mirror/manifest";
import { writeArchive } from "./bundle/archive";
import { type BundleManifest, renderSettings } from "./bundle/manifest";
import { engineFiles, mirrorFiles, nodeFiles, pluginFiles, programFiles } from "./bundle/parts";
import { commandLine, perform } from "./command";

const checkout = resolve(__dirname, "..");

async function bundle({ out, sign }: { out: string; sign?: string }): Promise<void> {
  if (process.platform !== "linux" || process.arch !== "x64")
    throw new Error(
      `this machine is ${process.platform} ${process.arch}: a bundle has programs for Linux on x86-64, and is made there`,
    );
  const tracked = (await must(["git", "ls-files", "-z"], { cwd: checkout })).stdout
    .split("\0")
    .filter((path) => path !== "");
  const toolchain = await ensureToolchain();
  const contents = await step("the mirror's contents", () =>
    ensureContents({ binaries: toolchain.binaries, progress: say }),
  );
  const { id, size, sha256 } = await withLock(
    join(cacheRoot(), "bundle.lock"),
    () => make({ out: resolve(out), sign, tracked, toolchain, contents }),
    { waiting: () => say("another process makes a bundle; waiting for it") },
  );
  console.log(`${out}: bundle ${id}, ${Math.ceil(size / 2 ** 20)} MiB`);
  console.log(`SHA-256 ${sha256}, also in ${out}.sha256`);
  console.log(`with ${provenance(toolchain.origins)}`);
  console.log("carry both to the deploy node, and there, as root:");
  console.log("  sha256sum --check bundle.tar.sha256".replaceAll("bundle.tar", out));
  console.log(`  tar -xf ${out} bundle && ./bundle install ${out}`);
}

interface MakeOptions {
  out: string;
  sign?: string | undefined;
  tracked: readonly string[];
  toolchain: Toolchain;
  contents: Contents;
}

async function make({ out, sign, tracked, toolchain, contents }: MakeOptions) {
  const { manifest: mirror } = contents;
  const node = pinnedNode();
  const commit = await commitOf();
  // What a run that was killed has left is of no use.
  const staging = join(cacheRoot(), "bundle");
  rmSync(staging, { recursive: true, force: true });
  let id = "";
  try {
    const archive = await step(`writing ${out}`, () =>
      writeArchive({
        staging,
        files: [
          ...engineFiles(toolchain),
          ...pluginFiles(toolchain),
          ...nodeFiles(node, pinnedNpm()),
          ...programFiles(checkout, tracked),
          ...mirrorFiles(contents),
          { path: "settings.yaml", text: renderSettings(mirror) },
        ],
        script: join(__dirname, "bundle", "bundle.sh"),
        manifest: ({ digest, unpackedMiB }): BundleManifest => ({
          format: 1,
          id: (id = `${version}-${digest.slice(0, 12)}`),
          machine: "x86_64",
          unpackedMiB,
          kubernetes: mirror.versions.kubernetes,
          commit,
          node: versions.node.releases[24].version,
          tools: toolchain.origins,
          mirror: {
            versions: mirror.versions,
            images: mirror.images.map(({ reference }) => reference),
            packages: mirror.packages.length,
          },
        }),
        signingKey: sign,
        out,
      }),
    );
    return { id, ...archive };
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

async function commitOf(): Promise<string> {
  const described = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"];
  return (await run(described, { cwd: checkout })).stdout.trim();
}

const program = commandLine(
  "npm run bundle --",
  "Writes one archive with everything that a cluster is made with: engine, plugins, provider and its SDK, Node.js, the program with its packages, and all " +
    "that hosts install. On a deploy node without any way out, `bundle install` of it sets all up: docs/offline.md. Builds or downloads what is missing.",
)
  .requiredOption("-o, --out <file>", "the archive to write; its sum is written to <file>.sha256")
  .option("--sign <key>", "SSH key to sign with, as ssh-keygen -Y sign takes it")
  .action(bundle);

void perform(program);
