import { askCloud } from "./ask";
import { clientsFrom, type CloudClients } from "./clients";
import type { CloudDemand } from "./demand";
import { failed, type Finding } from "./finding";
import { judge } from "./judge";
import { renderReport } from "./report";

/** What a preflight found, for people and for programs. */
export interface PreflightResult {
  findings: Finding[];
  report: string;
  /** Nothing would fail; there may be warnings. */
  passed: boolean;
}

/** Asks the cloud that the environment names whether a cluster can be had. Makes nothing. */
export async function preflight(
  demand: CloudDemand,
  env: NodeJS.ProcessEnv,
): Promise<PreflightResult> {
  let clients: CloudClients;
  try {
    clients = clientsFrom(env);
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return result([failed("credentials", found, "Set both, or log in with `tccli configure`")]);
  }
  return result(judge(demand, await askCloud(clients, demand)));
}

function result(findings: Finding[]): PreflightResult {
  return {
    findings,
    report: renderReport(findings),
    passed: findings.every((finding) => finding.result !== "failed"),
  };
}
