import { readFileSync, writeFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { parse } from "yaml";
import { judge, type Judgement, type Verdict } from "./judge";
import type { RuleConfig } from "../rules";
import { type Preview, PreviewError, readPreview } from "./preview";
import { renderReport } from "./report";
import { runPreview } from "./runPreview";
import { renderSarif } from "./sarif";

/** Exit codes: a pipeline must be able to tell "no" from "do not know". */
const exitCodes: Readonly<Record<Verdict, number>> = { passed: 0, denied: 1, undecided: 2 };
const badInput = 2;

interface Options {
  stack?: string;
  configFile?: string;
  policyConfig?: string;
  preview?: string;
  json?: boolean;
  sarif?: string;
}

async function check(options: Options): Promise<Judgement> {
  const config = (
    options.policyConfig === undefined
      ? {}
      : (parse(readFileSync(options.policyConfig, "utf8")) ?? {})
  ) as RuleConfig;
  return judge(await previewOf(options), config);
}

async function previewOf({ preview, stack, configFile }: Options): Promise<Preview> {
  if (preview !== undefined)
    return readPreview(readFileSync(preview === "-" ? 0 : preview, "utf8"));
  if (stack === undefined) {
    throw new PreviewError("name the stack with --stack, or give a preview with --preview");
  }
  return readPreview(await runPreview({ stack, configFile }));
}

new Command("npm run check --")
  .description(
    "Judges a plan before it is carried out: the stack as it is to be by the rules of the policy pack, and every step by what it does to " +
      "the members that serve. Ends with 0 when all is fine, 1 when a rule denies it, 2 when it cannot be judged.",
  )
  .option("-s, --stack <name>", "stack to preview")
  .option("--config-file <file>", "its configuration, instead of Pulumi.<stack>.yaml")
  .option(
    "--preview <file>",
    "judge what `pulumi preview --json --show-sames` printed instead; - is standard input",
  )
  .option(
    "--policy-config <file>",
    "parameters of the policies, as for --policy-pack-config; JSON or YAML",
  )
  .option("--json", "print the judgement as JSON instead of Markdown")
  .option("--sarif <file>", "write it as SARIF 2.1.0 too, for code scanning")
  .exitOverride()
  .action(async (options: Options) => {
    const judgement = await check(options);
    if (options.sarif !== undefined) {
      const file =
        options.configFile ??
        (options.stack === undefined ? "Pulumi.yaml" : `Pulumi.${options.stack}.yaml`);
      writeFileSync(options.sarif, renderSarif(judgement, file));
    }
    process.stdout.write(
      options.json === true
        ? `${JSON.stringify(judgement, undefined, 2)}\n`
        : renderReport(judgement),
    );
    process.exitCode = exitCodes[judgement.verdict];
  })
  .parseAsync()
  .catch((error: unknown) => {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : badInput;
      return;
    }
    console.error(error instanceof Error ? `error: ${error.message}` : error);
    process.exitCode = badInput;
  });
