import { readFileSync, writeFileSync } from "node:fs";
import { parse } from "yaml";
import { judge, type Judgement, type Verdict } from "../policy/check/judge";
import { type Preview, PreviewError, readPreview } from "../policy/check/preview";
import { renderReport } from "../policy/check/report";
import { runPreview } from "../policy/check/runPreview";
import { renderSarif } from "../policy/check/sarif";
import type { RuleConfig } from "../policy/rules";
import { commandLine, exitCodes, exitCodesHelp, perform } from "./command";

const endsWith: Readonly<Record<Verdict, number>> = {
  passed: exitCodes.fine,
  denied: exitCodes.found,
  undecided: exitCodes.undecided,
};

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

const program = commandLine(
  "npm run check --",
  "Judges a plan before it is carried out: the stack as it is to be by the rules of the policy pack, and every step by what it does to " +
    "the members that serve.",
)
  .option("-s, --stack <name>", "the stack")
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
  .addHelpText("after", exitCodesHelp)
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
    process.exitCode = endsWith[judgement.verdict];
  });

void perform(program);
