import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { must } from "../../process";

/** Sources of the programs that are ours. */
export const sourceRoot = join(__dirname, "..", "images");

/** Static programs of ours that images carry: name -> path of the executable. */
export type CompiledPrograms = Record<"pause" | "probe", string>;

/** Compiles pause (C, so that its thousand copies cost next to nothing) and probe (Go) into `directory`. */
export async function compilePrograms(directory: string): Promise<CompiledPrograms> {
  await mkdir(directory, { recursive: true });
  const pause = join(directory, "pause");
  const probe = join(directory, "probe");
  await must([
    "gcc",
    ...["-Os", "-static", "-s", "-Wall", "-Wextra", "-Werror"],
    ...["-o", pause, join(sourceRoot, "pause/pause.c")],
  ]);
  await must(["go", "build", "-trimpath", "-ldflags", "-s -w", "-o", probe, "."], {
    cwd: join(sourceRoot, "probe"),
    env: { CGO_ENABLED: "0", GOFLAGS: "", GOWORK: "off" },
    timeoutSeconds: 600,
  });
  return { pause, probe };
}
