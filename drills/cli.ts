/** `npm run drill -- master`: something is lost on the lab's cluster, and what clients saw is held against what is promised. */
import { writeFileSync } from "node:fs";
import { Argument } from "commander";
import { labIdentity } from "../lab/identity";
import { requireLab } from "../lab/present";
import { commandLine, exitCodes, perform } from "../operations/command";
import { type Exercise, exercises, type Harmless, isHarmless } from "./exercises";
import type { Practised } from "./practise";
import { type ReportHead, renderHtml } from "./report/html";
import { renderText } from "./report/text";

interface Options {
  list?: true;
  stack?: string;
  report?: string;
  json?: true;
}

async function drill(name: string | undefined, options: Options): Promise<void> {
  if (options.list || name === undefined) {
    for (const each of exercises)
      console.log(
        `${each.name.padEnd(20)}${each.about}${isHarmless(each) ? " (on your own cluster too)" : ""}`,
      );
    return;
  }
  const chosen = exercises.filter((each) => name === "all" || each.name === name);
  const shown = (practised: Practised): void => {
    if (!options.json) console.log(`\n${renderText(practised)}`);
  };
  const { head, practised } =
    options.stack === undefined
      ? await onLab(chosen, shown)
      : await onStack(options.stack, chosen, shown);
  if (options.json) console.log(JSON.stringify(practised.map(withoutRequests), undefined, 2));
  if (options.report !== undefined) {
    writeFileSync(options.report, renderHtml(head, practised));
    if (!options.json) console.log(`\nwritten to ${options.report}`);
  }
  process.exitCode = codeOf(practised);
}

interface Done {
  head: ReportHead;
  practised: Practised[];
}

type Shown = (practised: Practised) => void;

async function onLab(chosen: readonly (Exercise | Harmless)[], shown: Shown): Promise<Done> {
  const identity = labIdentity();
  requireLab(identity);
  const { LabCluster } = await import("../lab/cluster.js");
  const { siteOf } = await import("./site.js");
  const { practise } = await import("./practise.js");
  const site = siteOf(new LabCluster(identity));
  const { entry, etcdCluster } = site.plan;
  const cluster = `the lab ${identity.id} of ${identity.checkout}: entry ${entry.kind}, etcd ${etcdCluster.topology}`;
  return { head: { cluster, at: new Date() }, practised: await practise(site, chosen, shown) };
}

/** @throws Error for those that would hurt a cluster that people use. */
async function onStack(
  stack: string,
  chosen: readonly (Exercise | Harmless)[],
  shown: Shown,
): Promise<Done> {
  const harmless = chosen.filter(isHarmless);
  const [refused] = chosen.filter((each) => !isHarmless(each));
  if (harmless.length === 0 && refused !== undefined)
    throw new Error(
      `${refused.name} is not done with --stack: ${refused.about}, on a cluster that people use; try it on the lab (npm run lab, npm run drill -- ${refused.name}). With --stack there is ${exercises
        .filter(isHarmless)
        .map((each) => each.name)
        .join(", ")}`,
    );
  const { onOwnCluster } = await import("./onOwnCluster.js");
  const { ask } = await import("./practise.js");
  const practised: Practised[] = [];
  await onOwnCluster(stack, async (site) => {
    for (const exercise of harmless) {
      practised.push(await ask(site, exercise));
      shown(practised.at(-1) as Practised);
    }
  });
  return { head: { cluster: `the stack ${stack}`, at: new Date() }, practised };
}

/** Requests are thousands: they are in the report's plots. */
function withoutRequests(practised: Practised): object {
  if (!("tried" in practised)) return practised;
  const { does, checks, events } = practised.tried;
  return { ...practised, tried: { does, checks, events } };
}

function codeOf(practised: readonly Practised[]): number {
  if (practised.some(({ outcome }) => outcome === "failed")) return exitCodes.found;
  // All that was chosen is not there, or could not be tried: nothing is known.
  const known = practised.some(({ outcome }) => outcome === "passed");
  const broken = practised.some(({ outcome }) => outcome === "broken" || outcome === "unclear");
  return broken || !known ? exitCodes.undecided : exitCodes.fine;
}

const program = commandLine(
  "npm run drill --",
  "Tries on the lab's cluster what high availability is about: hosts, machines, disks, certificates and quorums are lost and come back, while clients at " +
    "five positions ask and write. Says what was done, what was expected, what was measured.",
)
  .addArgument(
    new Argument("[name]", "which").choices([...exercises.map((each) => each.name), "all"]),
  )
  .option("-l, --list", "which there are (default)")
  .option("--report <file>", "write a page with plots as well; it needs no network")
  .option("--json", "print what was measured as JSON")
  .option("-s, --stack <name>", "on a stack's cluster instead: those that only ask")
  .addHelpText(
    "after",
    `
Ends with 0 when all that was expected came, with 1 when something did not, with 2 when it could not be tried, or the machine was too busy to tell.`,
  )
  .action(drill);

void perform(program);
