import { Argument } from "commander";
import { commandLine, perform } from "../operations/command";
import { cis } from "./cis";
import { create } from "./create";
import { noop } from "./noop";
import { packageBench } from "./package";
import { policy } from "./policy";
import { scale } from "./scale";

interface Options {
  timeline?: boolean;
}

const benches: Record<string, (options: Options) => Promise<Record<string, unknown>>> = {
  cis,
  create,
  noop,
  package: packageBench,
  policy,
  scale,
};

const program = commandLine(
  "npm run bench --",
  "Measures on a lab of its own; prints one line of JSON last.",
)
  .addArgument(new Argument("<name>", "what to measure").choices(Object.keys(benches)))
  .option(
    "--timeline",
    "of create: also print which host did what when, and where `up` fell behind",
  )
  .action(async (name: string, options: Options) => {
    const measured = await benches[name]?.(options);
    console.log(JSON.stringify({ bench: name, ...measured }));
  });

void perform(program, process.argv.slice(2), 1);
