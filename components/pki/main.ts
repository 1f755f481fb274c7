/**
 * Makes keys and certificates: reads one request as JSON on standard input, writes the answer as JSON on standard output.
 * A program of its own, so that the answer is an output of a resource: made once, kept encrypted in the state.
 */
import { readFileSync } from "node:fs";
import { answer, type PkiRequest } from "./requests";

answer(JSON.parse(readFileSync(0, "utf8")) as PkiRequest).then(
  (made) => process.stdout.write(JSON.stringify(made)),
  (error: unknown) => {
    // The message alone: a stack or the request could hold keys.
    process.stderr.write(`pki: ${error instanceof Error ? error.message : "failed"}\n`);
    process.exitCode = 1;
  },
);
