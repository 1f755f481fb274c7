/**
 * The mirror as a process and as a tool: `serve` runs one, `assemble` makes the contents of one, `verify` checks them.
 * docs/mirror.md has examples.
 */
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { exportContents } from "./assembly/images";
import { ensureToolchain } from "../toolchain";
import { ensureContents } from "./contents";
import { binaryNames, type Binaries } from "./layout";
import { openContents, verifyContents } from "./manifest";
import { startMirror, type MirrorOptions } from "./server";

interface ServeOptions extends MirrorOptions {
  pidFile?: string;
}

/** Serves until SIGTERM or SIGINT, or until the registry fails. */
async function serve(options: ServeOptions): Promise<void> {
  const asked = new Promise<undefined>((stop) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const)
      process.once(signal, () => stop(undefined));
  });
  const mirror = await startMirror(options);
  console.log(`mirror: ${mirror.url} and registry ${mirror.registry}`);
  if (options.pidFile !== undefined) await writePidFile(options.pidFile);
  const failure = await Promise.race([asked, mirror.failed]);
  await mirror.close();
  if (options.pidFile !== undefined) await rm(options.pidFile, { force: true });
  if (failure !== undefined) throw new Error(failure);
}

/** Written whole, and only once requests are answered: whoever sees the file may go on. */
async function writePidFile(file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.new`, `${process.pid}\n`);
  await rename(`${file}.new`, file);
}

interface AssembleOptions {
  out?: string;
  binaries?: string;
  partial?: boolean;
}

/** Assembles in the cache and, with `--out`, copies the result. Prints the directory. */
async function assemble(options: AssembleOptions): Promise<void> {
  const contents = await ensureContents({
    binaries:
      options.binaries === undefined ? await toolchainBinaries() : binariesIn(options.binaries),
    partial: options.partial,
    progress: (line) => console.error(line),
  });
  if (options.out !== undefined) await exportContents(contents.directory, options.out);
  console.log(resolve(options.out ?? contents.directory));
}

async function toolchainBinaries(): Promise<Binaries> {
  const need = ["kubernetes", "etcd", "containerd", "coredns", "crane", "flannel"] as const;
  return (await ensureToolchain({ need })).binaries;
}

/** Programs that lie in a directory under their own names. */
function binariesIn(directory: string): Binaries {
  const entries = binaryNames
    .map((name) => [name, join(resolve(directory), name)] as const)
    .filter(([, path]) => existsSync(path));
  return Object.fromEntries(entries);
}

async function verify(directory: string): Promise<void> {
  const contents = await openContents(directory);
  const wrong = await verifyContents(contents);
  if (wrong.length > 0) {
    throw new Error(
      `${directory}: wrong SHA-256: ${wrong.join(", ")}; remove it and assemble again`,
    );
  }
  console.log(`${directory}: every file has its recorded SHA-256`);
}

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65535) {
    throw new InvalidArgumentError("a port is a whole number from 0 (any free one) to 65535");
  }
  return value;
}

const program = new Command("mirror").description("artifact, package and image mirror for hosts");
program
  .command("serve", { isDefault: true })
  .description("serve a contents directory until SIGTERM")
  .requiredOption("--contents <dir>", "directory that assemble made")
  .requiredOption("--address <ip>", "address to listen on, in this process's network namespace")
  .option("--http-port <port>", "artifacts and packages", port, 80)
  .option("--registry-port <port>", "image registry", port, 5000)
  .option("--registry-data <dir>", "own copy of the registry, which may be pushed to")
  .option("--log <file>", "one line a request, Apache combined format")
  .option("--pid-file <file>", "written when requests are answered, removed at the end")
  .action(serve);
program
  .command("assemble")
  .description("make the contents and print their directory")
  .option("--binaries <dir>", "directory with the programs; default: the toolchain gets them")
  .option("--out <dir>", "copy them here too; must not exist")
  .option("--partial", "leave out what a program is missing for")
  .action(assemble);
program
  .command("verify <dir>")
  .description("read every file of a contents directory and compare its SHA-256")
  .action(verify);

program.parseAsync().catch((error: unknown) => {
  console.error(`mirror: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
