import { Command } from "commander";
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

new Command("npm run bench --")
  .description("Measures on a lab of its own; prints one line of JSON last.")
  .argument("<name>", `one of: ${Object.keys(benches).join(", ")}`)
  .action(async (name: string) => {
    const bench = benches[name];
    if (bench === undefined)
      throw new Error(`no bench is called ${name}; there are ${Object.keys(benches).join(", ")}`);
    console.log(JSON.stringify({ bench: name, ...(await bench()) }));
  })
  .parseAsync()
  .catch((error: unknown) => {
    console.error(error instanceof Error ? `error: ${error.message}` : error);
    process.exitCode = 1;
  });
