import { existsSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { join, relative } from "node:path";

const loader = "tsx/cjs";

/** A program of this package that runs beside the stack, by its path in components/. */
export type OwnProgram = "pki/main" | "preflight/command";

/**
 * Shell command that runs a program of this package in the stack's directory, where the command provider runs it: JavaScript where the
 * package is built, TypeScript by tsx in a checkout.
 */
export function nodeCommand(program: OwnProgram): string {
  const flags = __filename.endsWith(".ts") ? `--require ${tsx()} ` : "";
  return `node ${flags}${fromStack(require.resolve(join(__dirname, program)))}`;
}

/**
 * A file of this package as seen from the stack's directory, so that the text is the same on every machine. By the package's name where the
 * stack has it: pnpm keeps the file itself in a directory of the version, and what the state has of a command outlives that.
 */
function fromStack(file: string): string {
  const named = join("node_modules/tencentcloud-kubernetes-ha/dist", relative(__dirname, file));
  const same = existsSync(named) && realpathSync(named) === realpathSync(file);
  return same ? named : relative(process.cwd(), file);
}

/** The half of tsx that a CommonJS program needs, by its name where the stack's directory has it, as a checkout's does; else ours. */
function tsx(): string {
  try {
    createRequire(join(process.cwd(), "index.js")).resolve(loader);
    return loader;
  } catch {
    return relative(process.cwd(), require.resolve(loader));
  }
}
