import {
  SarifBuilder,
  SarifResultBuilder,
  SarifRuleBuilder,
  SarifRunBuilder,
} from "node-sarif-builder";
import type { Judgement } from "./judge";

/**
 * The judgement as SARIF 2.1.0: what is denied is an error, what is not decided a warning.
 * @param file Configuration the plan was made from, relative to the repository: the one place a finding can point at.
 */
export function renderSarif(judgement: Judgement, file: string): string {
  const run = new SarifRunBuilder().initSimple({
    toolDriverName: "kubernetes-ha",
    toolDriverVersion: "0.1.0",
  });
  for (const { rule, description } of judgement.rules) {
    run.addRule(
      new SarifRuleBuilder().initSimple({ ruleId: rule, shortDescriptionText: description }),
    );
  }
  for (const { rule, verdict, findings, fix } of judgement.rules) {
    for (const { message, urn } of findings) {
      const result = new SarifResultBuilder().initSimple({
        level: verdict === "denied" ? "error" : "warning",
        ruleId: rule,
        messageText: fix === "" ? message : `${message}. ${fix}.`,
        fileUri: file,
        startLine: 1,
        startColumn: 1,
        endLine: 1,
        endColumn: 1,
      });
      if (urn !== undefined) {
        result.result.locations = [
          {
            ...result.result.locations?.[0],
            logicalLocations: [{ fullyQualifiedName: urn, kind: "resource" }],
          },
        ];
      }
      run.addResult(result);
    }
  }
  const builder = new SarifBuilder();
  builder.addRun(run);
  return builder.buildSarifJsonString({ indent: true });
}
