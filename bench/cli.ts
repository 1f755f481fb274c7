import { Argument } from "commander";
import { commandLine, perform } from "../operations/command";
import { create } from "./create";
import { noop } from "./noop";
import { packageBench } from "./package";
import { policy } from "./policy";
import { scale } from "./scale";

const benches: Record<string, () => Promise<Record<string, unknown>>> = {
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
  .action(async (name: string) => {
    const measured = await benches[name]?.();
    console.log(JSON.stringify({ bench: name, ...measured }));
  });

void perform(program, process.argv.slice(2), 1);
