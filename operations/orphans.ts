import Table from "cli-table3";
import { Option, type Command } from "commander";
import { clientsFrom, type CloudClients } from "../components/preflight/clients";
import { knownIds, pendingOperations } from "./orphans/deployment";
import { clusterNames, orphansOf, readInventory, removeAll } from "./orphans/inventory";
import { kindOf, type CloudResource } from "./orphans/kinds";
import { describeLock, holderState } from "./orphans/lock";
import { endOrphanedPlugins } from "./orphans/plugins";
import { settle, type Recovery } from "./orphans/recovery";
import { Stack } from "./stack";
import { commandLine, exitCodes, exitCodesHelp, perform, withDefault } from "./command";

/** What is asked of a stack's account and all states of its project. */
interface View {
  clients: CloudClients;
  inventory: CloudResource[];
  orphans: CloudResource[];
}

async function look(stack: Stack): Promise<View> {
  const [{ plan, region }, states] = await Promise.all([stack.plan(), stack.exportAll()]);
  const clients = clientsFrom({ ...process.env, ...(region && { TENCENTCLOUD_REGION: region }) });
  const inventory = await readInventory(clients, clusterNames(plan));
  return { clients, inventory, orphans: orphansOf(inventory, states.flatMap(knownIds)) };
}

/**
 * @returns whether there was a lock to clear.
 * @throws Error when somebody works on the stack, or may.
 */
async function clearStaleLocks(stack: Stack, tell: Options["tell"]): Promise<boolean> {
  const locks = await stack.locks();
  for (const lock of locks) {
    const holder = holderState(lock);
    if (holder === "alive")
      throw new Error(
        `stack ${stack.name} is locked by ${describeLock(lock)}, which still runs: wait for it, or interrupt it once (kill -INT ${lock.pid}) and it saves its state`,
      );
    if (holder === "elsewhere")
      throw new Error(
        `stack ${stack.name} is locked by ${describeLock(lock)}, on another machine: see there whether it runs; when it does not, \`pulumi cancel --stack ${stack.name}\` and try again`,
      );
  }
  if (locks.length === 0) return false;
  // Before anybody looks: what these were asked for may still be made.
  const ended = await endOrphanedPlugins();
  if (ended > 0) tell(`ended ${ended} provider plugins that went on without their engine`);
  if (await stack.restore())
    tell("the state was cut off while it was written: mended from the engine's own backup");
  await stack.unlock();
  tell(`cleared the lock of ${locks.map(describeLock).join(", ")}: it runs no more`);
  return true;
}

async function recover(options: Options): Promise<void> {
  const { tell } = options;
  const stack = new Stack(options.stack, options.configFile);
  const cleared = await clearStaleLocks(stack, tell);
  const state = await stack.export();
  const pending = pendingOperations(state);
  // After a run that ended well the state is the truth, unless it holds nothing at all: then it may be a lost one.
  const settled = !cleared && pending.length === 0 && knownIds(state).length > 0;
  if (settled && !(await stack.lastRunFailed())) {
    print(options, { ...nothing, orphans: [] });
    return;
  }
  const { inventory, orphans } = await look(stack);
  const { state: settledState, ...recovery } = settle(state, inventory, orphans);
  const { adopted, forgotten, reread, unsettled } = recovery;
  if (pending.length > 0 || adopted.length > 0) {
    tell(
      pending.length > 0
        ? `${pending.length} operations were under way when the last run was interrupted:`
        : "the last run failed while something that it had taken away was still to be made anew:",
    );
    for (const { urn, id } of adopted)
      tell(`  made, and taken into the state as ${id}: ${shortUrn(urn)}`);
    for (const urn of forgotten) tell(`  to be done again: ${shortUrn(urn)}`);
    for (const urn of reread) tell(`  read again from the cloud: ${shortUrn(urn)}`);
    await stack.import(settledState);
    const unread = [...adopted.map(({ urn }) => urn), ...reread];
    if (unread.length > 0) await stack.refresh(unread);
  }
  const left = orphans.filter(({ id }) => adopted.every((known) => known.id !== id));
  print(options, { ...recovery, orphans: left.map(describe) });
  if (unsettled.length > 0)
    found(
      `not settled: ${unsettled.map(({ urn, why }) => `${shortUrn(urn)}: ${why}`).join("; ")}. Then \`pulumi refresh --stack ${options.stack}\`, which asks what to do with each.`,
    );
  else if (left.length > 0) {
    show(left, options);
    found(
      "these belong to the cluster and are in no state: they stand in the way of what the next run makes, so remove them first",
    );
  }
}

/** What recovery did when nothing was under way. */
const nothing: Omit<Recovery, "state"> = {
  ...{ adopted: [], forgotten: [], reread: [], unsettled: [] },
};

async function list(options: Options & { remove?: true | string[] }): Promise<void> {
  const { remove, tell } = options;
  const stack = new Stack(options.stack, options.configFile);
  const { clients, orphans } = await look(stack);
  const named = remove === true ? orphans.map(({ id }) => id) : (remove ?? []);
  if (orphans.length === 0) {
    // Whatever was to be removed is: asked again, this is no failure.
    tell("no orphans: all that belongs to the cluster is in a state");
    print(options, { orphans: [], removed: [] });
    return;
  }
  show(orphans, options);
  const strangers = named.filter((id) => orphans.every((orphan) => orphan.id !== id));
  if (strangers.length > 0)
    throw new Error(`not among the orphans: ${strangers.join(", ")}; nothing was removed`);
  if (named.length > 0) {
    // What a living run has just ordered is in no state yet.
    await clearStaleLocks(stack, tell);
    await removeAll(
      clients,
      orphans.filter(({ id }) => named.includes(id)),
    );
    tell(`removed: ${named.join(", ")}`);
  }
  print(options, { orphans: orphans.map(describe), removed: named });
  if (orphans.length > named.length) process.exitCode = exitCodes.found;
}

/** What `--json` prints, on standard output; what people are told goes to standard error then. */
function print({ json }: Options, result: object): void {
  if (json) process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
}

function found(what: string): void {
  console.error(`error: ${what}`);
  process.exitCode = exitCodes.found;
}

function describe({ type, id, name, created }: CloudResource) {
  return { kind: kindOf(type)?.noun ?? type, id, name, created };
}

function show(orphans: readonly CloudResource[], { as, tell }: Options): void {
  const table = new Table({
    head: ["kind", "id", "name", "created"],
    style: { head: [], border: [] },
  });
  for (const { kind, id, name, created } of orphans.map(describe))
    table.push([kind, id, name, created]);
  tell(table.toString());
  tell(
    `To remove some of them, or without ids all, with what they hold:\n  ${as} --remove ${orphans[0]?.id ?? ""}`,
  );
}

function shortUrn(urn: string): string {
  return urn.split("::").slice(-2).join(" ").replace(/^.*\$/, "");
}

interface Options {
  stack: string;
  configFile?: string;
  json?: true;
  /** Command that lists and removes, as whoever reads the messages calls it. */
  as: string;
  /** Says something to people. */
  tell: (text: string) => void;
}

const program = commandLine(
  "npm run orphans --",
  "What an interrupted run of a stack left. Run it where `pulumi up` runs.",
)
  .addHelpText("after", exitCodesHelp)
  .showHelpAfterError("(`npm run orphans -- --help` tells more)");
function command(name: string, about: string, work: (options: Options) => Promise<void>): Command {
  return program
    .command(name)
    .description(about)
    .requiredOption("-s, --stack <name>", "the stack")
    .option("--config-file <file>", "its configuration, instead of Pulumi.<stack>.yaml")
    .option("--json", "print what was found as JSON")
    .addOption(new Option("--as <command>").hideHelp())
    .action((options: Omit<Options, "as" | "tell"> & { as?: string }) =>
      work({
        as: `npm run orphans -- --stack ${options.stack}`,
        tell: options.json ? console.error : console.log,
        ...options,
      }),
    );
}
command(
  "list",
  "what belongs to the cluster in the cloud and is in no state (default)",
  list,
).option("--remove [ids...]", "remove it all, or only what is named, after listing it");
command("recover", "clear a dead run's lock, settle what was under way, name orphans", recover);

void perform(program, withDefault("list", process.argv.slice(2)));
