import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { normalize } from "node:path/posix";
import { utils } from "ssh2";
import { list } from "tar";
import { z } from "zod";

/** The command line of a step, as components/remote writes it: which archive it unpacks, which step it runs, and its limit. */
const stepCommand =
  /tar -xf (?<archive>\S+) -C "\$dir"; sudo -n bash "\$dir\/run-step\.sh" (?<step>[a-z][a-z0-9-]*) [1-9]\d*$/;

/** The command line of a departure, the same way; the bastion carries it out. */
const departureCommand =
  /tar -xf (?<archive>\S+) -C "\$dir"; timeout --kill-after=10 [1-9]\d* ssh-agent bash "\$dir\/run-departure\.sh" [a-z0-9-]+ [0-9.]+ 'ssh-ed25519 \S+' [a-zA-Z,]+ \d+ (?:fail|force)$/;

const placedSchema = {
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
};

/** What components/scripts/place-files.py reads from standard input, and nothing else. */
const requestSchema = z.strictObject({
  ...placedSchema,
  /** Hash of the file in the archive that has the rest. */
  shared: z
    .string()
    .regex(/^[0-9a-f]{16}$/, "the beginning of a SHA-256")
    .optional(),
});

const sharedFile = "shared.json";
const sharedSchema = z.strictObject(placedSchema);

/** How a command ended. */
export interface Ended {
  code: number;
  stderr: string;
}

const usage = (stderr: string): Ended => ({ code: 2, stderr: `${stderr}\n` });

/**
 * Whether a real host could carry a command out: it is a step or a departure, the archive it unpacks lies on the host and holds its script, and
 * its standard input is what the script reads. Answers as a host would: 0 and nothing, or what is wrong, never with content
 * of the input.
 * @param fileAt Where a path of the host lies on this machine.
 */
export function runStep(command: string, stdin: Buffer, fileAt: (path: string) => string): Ended {
  const departure = departureCommand.exec(command)?.groups?.["archive"];
  if (departure !== undefined) return checkDeparture(stdin, departure, fileAt);
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
  return checkRequest(stdin, scripts.get(sharedFile));
}

function checkDeparture(stdin: Buffer, archive: string, fileAt: (path: string) => string): Ended {
  if (scriptsOf(fileAt(archive))?.has("run-departure.sh") !== true)
    return usage(`run-departure.sh: not in ${archive}`);
  const key = utils.parseKey(stdin);
  return key instanceof Error
    ? usage(`standard input: ${stdin.length} bytes that are no private key`)
    : { code: 0, stderr: "" };
}

function checkRequest(stdin: Buffer, shared: Buffer | undefined): Ended {
  let request: unknown;
  try {
    request = JSON.parse(stdin.toString("utf8"));
  } catch {
    return usage(`standard input: ${stdin.length} bytes that are no JSON`);
  }
  const checked = requestSchema.safeParse(request);
  if (!checked.success)
    return usage(`standard input is no request:\n${z.prettifyError(checked.error)}`);
  const { shared: wanted } = checked.data;
  if (wanted === undefined) return { code: 0, stderr: "" };
  if (shared === undefined || !sha256(shared).startsWith(wanted))
    return usage(`${sharedFile}: is not the one of the step`);
  const checkedShared = sharedSchema.safeParse(JSON.parse(shared.toString("utf8")));
  return checkedShared.success
    ? { code: 0, stderr: "" }
    : usage(`${sharedFile}: ${z.prettifyError(checkedShared.error)}`);
}

const sha256 = (content: Buffer): string => createHash("sha256").update(content).digest("hex");

/** What is in each archive, by the hash of its bytes: all hosts of a pool get the same one. */
const known = new Map<string, ReadonlyMap<string, Buffer>>();

function scriptsOf(file: string): ReadonlyMap<string, Buffer> | undefined {
  if (!existsSync(file)) return undefined;
  const hash = sha256(readFileSync(file));
  let files = known.get(hash);
  if (files === undefined) known.set(hash, (files = filesIn(file)));
  return files;
}

/** Files of a tar archive; none when it is damaged. */
function filesIn(file: string): ReadonlyMap<string, Buffer> {
  const files = new Map<string, Buffer>();
  try {
    list({
      ...{ sync: true, file, strict: true },
      onReadEntry: (entry) => {
        const chunks: Buffer[] = [];
        entry.on("data", (chunk: Buffer) => chunks.push(chunk));
        entry.on("end", () => files.set(entry.path, Buffer.concat(chunks)));
      },
    });
  } catch {
    return new Map();
  }
  return files;
}
