import { Option } from "commander";
import { faultsNamed } from "../../drills/contract";
import { faults } from "../../drills/faults";
import { contractOnLab, type Kind } from "../../drills/onLab";
import { labIdentity } from "../../lab/identity";
import { commandLine, perform } from "../../operations/command";
import { parallel, say } from "../../toolchain/progress";
import { kinds, nameOf } from "./kinds";
import { kindsTable, type KindRun } from "./table";

interface Options {
  only?: string[];
  fault?: string[];
  list?: boolean;
  atOnce: string;
}

/** A lab of its own for each kind, so that two may be up. What went wrong with one does not stop the others. */
async function tryKind(kind: Kind, fault: string[] | undefined): Promise<KindRun> {
  const name = nameOf(kind);
  say(`${name}: begins`);
  try {
    const identity = labIdentity(undefined, `kinds-${name}`);
    const chosen = fault ? { faults: faultsNamed(fault) } : {};
    return { kind, ...(await contractOnLab(identity, kind, chosen)) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { kind, verdicts: [], broken: [why] };
  }
}

async function main({ only, fault, list, atOnce }: Options): Promise<void> {
  const chosen = kinds.filter((kind) => only === undefined || only.includes(nameOf(kind)));
  if (list) {
    console.log(chosen.map(nameOf).join("\n"));
    return;
  }
  const runs: KindRun[] = [];
  await parallel(chosen, Number(atOnce), async (kind) => {
    const run = await tryKind(kind, fault);
    runs.push(run);
    console.log(kindsTable([run]));
  });
  console.log(kindsTable(runs));
  const fine = runs.every(
    ({ verdicts, broken }) => broken.length === 0 && verdicts.every(({ passed }) => passed),
  );
  process.exitCode = fine ? 0 : 1;
}

const program = commandLine(
  "npm run test:kinds --",
  "Brings up every kind of entry on real hosts, one after another, and tries every fault of the contract on it: half an hour each.",
)
  .addOption(new Option("--only <kind...>", "only these").choices(kinds.map(nameOf)))
  .addOption(
    new Option("--fault <name...>", "only these faults").choices(faults.map(({ name }) => name)),
  )
  .addOption(
    new Option(
      "--at-once <count>",
      "labs that are up at once; what is measured needs a calm machine",
    )
      .choices(["1", "2"])
      .default("1"),
  )
  .option("--list", "print the kinds and end")
  .action(main);

void perform(program, process.argv.slice(2), 1);
