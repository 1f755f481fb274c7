import { spawn } from "node:child_process";
import { PreviewError } from "./preview";

/** Seconds a preview may take; one of 500 nodes takes some 30. */
const deadlineSeconds = 900;

/**
 * Runs `pulumi preview` in the current directory and gives its JSON. The program is run as it is, so what is judged is what `up`
 * would do now.
 * @throws PreviewError when pulumi is not there or does not end in time.
 */
export function runPreview(options: { stack: string; configFile?: string }): Promise<string> {
  // A plan that the engine refuses is judged, too: as a failed preview it could not be, and a rule says what is protected.
  const flags = ["--json", "--show-sames", "--ignore-protect", "--non-interactive"];
  const args = ["preview", ...flags, "--stack", options.stack];
  if (options.configFile !== undefined) args.push("--config-file", options.configFile);
  return new Promise((resolve, reject) => {
    const child = spawn("pulumi", args, {
      stdio: ["ignore", "pipe", "inherit"],
      // Not `timeout`: its timer lives on when the program is not there.
      signal: AbortSignal.timeout(deadlineSeconds * 1000),
    });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
    child.on("error", (error: NodeJS.ErrnoException) => {
      if (error.name === "AbortError") {
        reject(new PreviewError(`pulumi preview was ended after ${deadlineSeconds} s`));
        return;
      }
      const why =
        error.code === "ENOENT"
          ? "it is not on PATH; install the Pulumi CLI (https://www.pulumi.com/docs/iac/download-install/). The lab brings its own: `npm run lab -- check`"
          : error.message;
      reject(new PreviewError(`cannot run pulumi: ${why}`));
    });
    child.on("close", (code) => {
      // A preview that fails says why in its JSON; without any there is nothing to read.
      if (output.trim() !== "") resolve(output);
      else reject(new PreviewError(`pulumi preview ended with ${code ?? ""} and printed no plan`));
    });
  });
}
