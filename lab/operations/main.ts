import Table from "cli-table3";
import { Command, Option } from "commander";
import { clientsFrom, type CloudClients } from "../../components/preflight/clients";
import { knownIds, pendingOperations } from "./deployment";
import { clusterNames, orphansOf, readInventory, removeAll } from "./inventory";
import { kindOf, type CloudResource } from "./kinds";
import { describeLock, holderState } from "./lock";
import { endOrphanedPlugins } from "./plugins";
import { settle } from "./recovery";
import { Stack } from "./stack";

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
async function clearStaleLocks(stack: Stack): Promise<boolean> {
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
  if (ended > 0) console.log(`ended ${ended} provider plugins that went on without their engine`);
  if (await stack.restore())
    console.log("the state was cut off while it was written: mended from the engine's own backup");
  await stack.unlock();
  console.log(`cleared the lock of ${locks.map(describeLock).join(", ")}: it runs no more`);
  return true;
}

async function recover(options: Options): Promise<void> {
  const stack = new Stack(options.stack, options.configFile);
  const cleared = await clearStaleLocks(stack);
  const state = await stack.export();
  const pending = pendingOperations(state);
  // After a run that ended well the state is the truth, unless it holds nothing at all: then it may be a lost one.
  const settled = !cleared && pending.length === 0 && knownIds(state).length > 0;
  if (settled && !(await stack.lastRunFailed())) return;
  const { inventory, orphans } = await look(stack);
  const adopted = new Set<string>();
  if (pending.length > 0) {
    console.log(`${pending.length} operations were under way when the last run was interrupted:`);
    const recovery = settle(state, inventory, orphans);
    for (const { urn, id } of recovery.adopted) {
      adopted.add(id);
      console.log(`  made, and taken into the state as ${id}: ${shortUrn(urn)}`);
    }
    for (const urn of recovery.forgotten) console.log(`  to be done again: ${shortUrn(urn)}`);
    for (const urn of recovery.reread) console.log(`  read again from the cloud: ${shortUrn(urn)}`);
    await stack.import(recovery.state);
    const unread = [...recovery.adopted.map(({ urn }) => urn), ...recovery.reread];
    if (unread.length > 0) await stack.refresh(unread);
    if (recovery.unsettled.length > 0)
      throw new Error(
        `not settled: ${recovery.unsettled.map(({ urn, why }) => `${shortUrn(urn)}: ${why}`).join("; ")}. Then \`pulumi refresh --stack ${options.stack}\`, which asks what to do with each.`,
      );
  }
  const left = orphans.filter(({ id }) => !adopted.has(id));
  if (left.length === 0) return;
  show(left, options);
  throw new Error(
    "these belong to the cluster and are in no state: they stand in the way of what the next run makes, so remove them first",
  );
}

async function list(options: Options & { remove?: true | string[] }): Promise<void> {
  const { remove } = options;
  const stack = new Stack(options.stack, options.configFile);
  const { clients, orphans } = await look(stack);
  if (orphans.length === 0) {
    console.log("no orphans: all that belongs to the cluster is in a state");
    return;
  }
  show(orphans, options);
  if (remove === undefined) return;
  const named = remove === true ? orphans.map(({ id }) => id) : remove;
  const strangers = named.filter((id) => orphans.every((orphan) => orphan.id !== id));
  if (strangers.length > 0)
    throw new Error(`not among the orphans: ${strangers.join(", ")}; nothing was removed`);
  // What a living run has just ordered is in no state yet.
  await clearStaleLocks(stack);
  await removeAll(
    clients,
    orphans.filter(({ id }) => named.includes(id)),
  );
  console.log(`removed: ${named.join(", ")}`);
}

function show(found: readonly CloudResource[], options: Options): void {
  const table = new Table({
    head: ["kind", "id", "name", "created"],
    style: { head: [], border: [] },
  });
  for (const { type, id, name, created } of found)
    table.push([kindOf(type)?.noun ?? type, id, name, created]);
  console.log(table.toString());
  console.log(
    `To remove some of them, or without ids all, with what they hold:\n  ${options.as} --remove ${found[0]?.id ?? ""}`,
  );
}

function shortUrn(urn: string): string {
  return urn.split("::").slice(-2).join(" ").replace(/^.*\$/, "");
}

interface Options {
  stack: string;
  configFile?: string;
  /** Command that lists and removes, as whoever reads the messages calls it. */
  as: string;
}

const program = new Command("npm run orphans --")
  .description("What an interrupted run of a stack left. Run it where `pulumi up` runs.")
  .showHelpAfterError();
function command(name: string, about: string, work: (options: Options) => Promise<void>): Command {
  return program
    .command(name, { isDefault: name === "list" })
    .description(about)
    .requiredOption("--stack <name>", "the stack")
    .option("--config-file <file>", "its configuration (default: Pulumi.<stack>.yaml)")
    .addOption(new Option("--as <command>").hideHelp())
    .action((options: Omit<Options, "as"> & { as?: string }) =>
      work({ as: `npm run orphans -- --stack ${options.stack}`, ...options }),
    );
}
command(
  "list",
  "what belongs to the cluster in the cloud and is in no state (default)",
  list,
).option("--remove [ids...]", "remove it all, or only what is named, after listing it");
command("recover", "clear a dead run's lock, settle what was under way, name orphans", recover);

program.parseAsync().catch((error: unknown) => {
  console.error(error instanceof Error ? `error: ${error.message}` : error);
  process.exitCode = 1;
});
