import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { must } from "../../lab/process";

/** Sources of the programs that are ours. */
export const sourceRoot = join(__dirname, "..", "images");

/** Static programs of ours that images carry: name -> path of the executable. */
export type CompiledPrograms = Record<"pause" | "probe" | "iptables", string>;

/** Compiles pause and iptables (C, so that copies and calls cost next to nothing) and probe (Go) into `directory`. */
export async function compilePrograms(directory: string): Promise<CompiledPrograms> {
  await mkdir(directory, { recursive: true });
  const pause = await compileC(directory, "pause");
  const iptables = await compileC(directory, "iptables");
  const probe = join(directory, "probe");
  await must(["go", "build", "-trimpath", "-ldflags", "-s -w", "-o", probe, "."], {
    cwd: join(sourceRoot, "probe"),
    env: { CGO_ENABLED: "0", GOFLAGS: "", GOWORK: "off" },
    timeoutSeconds: 600,
  });
  return { pause, probe, iptables };
}

async function compileC(directory: string, name: string): Promise<string> {
  const program = join(directory, name);
  await must([
    "gcc",
    ...["-Os", "-static", "-s", "-Wall", "-Wextra", "-Werror"],
    ...["-o", program, join(sourceRoot, name, `${name}.c`)],
  ]);
  return program;
}
