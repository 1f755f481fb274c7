/** `npm run cost -- --stack prod`: what a stack's configuration costs, as the vendor's price inquiries answer. Needs no engine and no state. */
import { cloudDemand } from "../components/preflight/demand";
import { clientsFrom } from "../components/preflight/clients";
import { commandLine, exitCodes, perform } from "./command";
import { askPrices } from "./cost/ask";
import { bill, hoursPerMonth, notIncluded } from "./cost/bill";
import { renderBill } from "./cost/report";
import { readStackFile, type StackFileOptions } from "./stackFile";

interface Options extends StackFileOptions {
  json?: true;
}

async function tell({ json, ...file }: Options): Promise<void> {
  const { plan, env } = readStackFile(file);
  const quotation = await askPrices(clientsFrom(env), cloudDemand(plan));
  const cost = bill(plan.name, quotation, notIncluded(plan));
  process.stdout.write(json ? `${JSON.stringify(cost, undefined, 2)}\n` : renderBill(cost));
  process.exitCode = cost.complete ? exitCodes.fine : exitCodes.undecided;
}

const program = commandLine(
  "npm run cost --",
  "Asks the cloud what a stack's cluster costs; makes nothing.",
)
  .requiredOption("-s, --stack <name>", "the stack")
  .option("--config-file <file>", "its configuration, instead of Pulumi.<stack>.yaml")
  .option("--json", "print the bill as JSON")
  .addHelpText(
    "after",
    `
By the hour, as the stack orders it, with the account's own discount; a month has ${hoursPerMonth} hours.
Ends with 0 when all prices were told, with 2 when one was not.`,
  )
  .action(tell);

void perform(program);
