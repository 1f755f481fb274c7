import { Command, CommanderError } from "commander";
import { version } from "../package.json";

/** Exit codes of `check`, `preflight`, `cost` and `orphans`: a pipeline must be able to tell "no" from "do not know". */
export const exitCodes = {
  /** Nothing was found. */
  fine: 0,
  /** Something was found: a plan that is denied, a cluster that cannot be had, something in no state. */
  found: 1,
  /** It could not be judged: bad input, or a program or a backend that is not there. */
  undecided: 2,
} as const;

/** The end of each operation's help. */
export const exitCodesHelp = `
Ends with 0 when nothing was found, with 1 when something was, with 2 when it cannot be judged.`;

/**
 * A command line of this project: it knows its version, suggests a name like the one that was not known, and never ends the process
 * itself, so that {@link perform} decides the exit code.
 *
 * @param name As it is called: `npm run check --`.
 */
export function commandLine(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .version(version, "--version", "print the version")
    .exitOverride();
}

/**
 * Reads the arguments and does what they say. An error is told in one line.
 *
 * @param failure Exit code when it fails or the arguments are bad. Default: {@link exitCodes}.undecided.
 */
export async function perform(
  program: Command,
  args: readonly string[] = process.argv.slice(2),
  failure: number = exitCodes.undecided,
): Promise<void> {
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    // Help and version end with 0, and commander has told what was wrong with the arguments.
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : failure;
      return;
    }
    console.error(error instanceof Error ? `error: ${error.message}` : error);
    process.exitCode = failure;
  }
}

/**
 * The arguments with the name of the command that is meant when none is given. Not commander's default command: that one takes any
 * unknown name for its argument, so nothing is suggested.
 */
export function withDefault(command: string, args: readonly string[]): readonly string[] {
  const [first] = args;
  const own = ["-h", "--help", "--version"];
  return first === undefined || (first.startsWith("-") && !own.includes(first))
    ? [command, ...args]
    : args;
}
