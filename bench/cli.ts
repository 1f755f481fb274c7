import { Argument, Option } from "commander";
import { faults } from "../drills/faults";
import { examplesOf } from "../lab/examples";
import { commandLine, perform } from "../operations/command";
import { cis } from "./cis";
import { create } from "./create";
import { failover, type FailoverOptions } from "./failover";
import { noop } from "./noop";
import { packageBench } from "./package";
import { policy } from "./policy";
import { recover } from "./recover";
import { scale } from "./scale";
import { upgrade } from "./upgrade";

interface Options extends FailoverOptions {
  timeline?: boolean;
}

const benches: Record<string, (options: Options) => Promise<Record<string, unknown>>> = {
  cis,
  create,
  failover,
  noop,
  package: packageBench,
  policy,
  recover,
  scale,
  upgrade,
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
  .addOption(
    new Option("--entry <example>", "of failover: way to the API (default: vip)").choices(
      examplesOf("entry"),
    ),
  )
  .addOption(
    new Option("--topology <example>", "of failover: where etcd lives (default: external)").choices(
      examplesOf("topology"),
    ),
  )
  .addOption(
    new Option(
      "--zones <count>",
      "of failover: zones the cluster is spread over (default: 1)",
    ).argParser(Number),
  )
  .addOption(
    new Option("--fault <name...>", "of failover: only these faults").choices(
      faults.map((fault) => fault.name),
    ),
  )
  .option("--keep", "of failover: take the bench's lab if it is up, and leave it up")
  .action(async (name: string, options: Options) => {
    const measured = await benches[name]?.(options);
    console.log(JSON.stringify({ bench: name, ...measured }));
  });

void perform(program, process.argv.slice(2), 1);
