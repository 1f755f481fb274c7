import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { normalize } from "node:path/posix";
import { list } from "tar";
import { z } from "zod";

/** The command line of a step, as components/remote writes it: which archive it unpacks, which step it runs, and its limit. */
const stepCommand =
  /tar -xf (?<archive>\S+) -C "\$dir"; sudo -n bash "\$dir\/run-step\.sh" (?<step>[a-z][a-z0-9-]*) [1-9]\d*$/;

/** What components/scripts/place-files.py reads from standard input, and nothing else. */
const requestSchema = z.strictObject({
  params: z.record(
    z.string().regex(/^[A-Z][A-Z0-9_]*$/, "names are upper snake case"),
    z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]),
  ),
  files: z.array(
    z.strictObject({
      path: z
        .string()
        .refine((path) => path.startsWith("/") && normalize(path) === path, "absolute and normal"),
      content: z.string(),
      mode: z
        .string()
        .regex(/^0[0-7]{3}$/, "octal, such as 0600")
        .optional(),
    }),
  ),
});

/** How a command ended. */
export interface Ended {
  code: number;
  stderr: string;
}

const usage = (stderr: string): Ended => ({ code: 2, stderr: `${stderr}\n` });

/**
 * Whether a real host could carry a command out: it is a step, the archive it unpacks lies on the host and holds its script, and
 * its standard input is what the script reads. Answers as a host would: 0 and nothing, or what is wrong, never with content
 * of the input.
 * @param fileAt Where a path of the host lies on this machine.
 */
export function runStep(command: string, stdin: Buffer, fileAt: (path: string) => string): Ended {
  const { archive, step } = stepCommand.exec(command)?.groups ?? {};
  if (archive === undefined || step === undefined)
    return {
      code: 127,
      stderr: "a host of the memory backend has no shell: it knows steps only\n",
    };
  const scripts = scriptsOf(fileAt(archive));
  if (scripts === undefined) return usage(`tar: ${archive}: no such archive on this host`);
  for (const script of ["run-step.sh", `${step}.sh`])
    if (!scripts.has(script)) return usage(`${script}: not in ${archive}`);
  return checkRequest(stdin);
}

function checkRequest(stdin: Buffer): Ended {
  let request: unknown;
  try {
    request = JSON.parse(stdin.toString("utf8"));
  } catch {
    return usage(`standard input: ${stdin.length} bytes that are no JSON`);
  }
  const checked = requestSchema.safeParse(request);
  if (checked.success) return { code: 0, stderr: "" };
  return usage(`standard input is no request:\n${z.prettifyError(checked.error)}`);
}

/** Names in each archive, by the hash of its bytes: all hosts get the same one. */
const known = new Map<string, ReadonlySet<string>>();

function scriptsOf(file: string): ReadonlySet<string> | undefined {
  if (!existsSync(file)) return undefined;
  const hash = createHash("sha256").update(readFileSync(file)).digest("hex");
  let names = known.get(hash);
  if (names === undefined) known.set(hash, (names = namesIn(file)));
  return names;
}

/** Names of the files in a tar archive; none when it is damaged. */
function namesIn(file: string): ReadonlySet<string> {
  const names = new Set<string>();
  try {
    list({ sync: true, file, strict: true, onReadEntry: ({ path }) => void names.add(path) });
  } catch {
    return new Set();
  }
  return names;
}
