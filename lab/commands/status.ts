import Table from "cli-table3";
import { exitCodes } from "../../operations/command";
import { renderStatus } from "../../operations/status/report";
import { watchStatus } from "../../operations/status/watch";
import { Admin, type Placement } from "../admin";
import type { LabIdentity } from "../identity";
import { Operator } from "../operator";
import { noLab } from "../present";
import { operatorOf } from "./operatorOf";

/** Options of the command. */
export interface StatusOptions {
  json?: true;
  wait?: true;
  /** Seconds. */
  timeout: number;
}

/** `npm run lab -- status`: hosts and where they run, which no account tells; then what `npm run status` says of a cluster. */
export async function status(
  identity: LabIdentity,
  { json, wait, timeout }: StatusOptions,
): Promise<void> {
  const admin = new Admin(identity);
  if (!(await admin.alive())) {
    console.log(noLab(identity));
    process.exitCode = 1;
    return;
  }
  if (!json) console.log(placementTable(await admin.placement()));
  const operator = new Operator(identity, "kubectl");
  // A lab that has no cluster yet has nothing to be asked about.
  if (!operator.ready && !json) return;
  const found = await watchStatus(operator.outputs, operator.way, wait ? timeout : 0);
  process.stdout.write(json ? `${JSON.stringify(found, undefined, 2)}\n` : renderStatus(found));
  process.exitCode = found.healthy ? exitCodes.fine : exitCodes.found;
}

/** What `npm run lab` ends with: hosts and nodes, without a login to any host. */
export async function overview(identity: LabIdentity): Promise<void> {
  console.log(placementTable(await new Admin(identity).placement()));
  const operator = await operatorOf(identity);
  await operator.kubectl(["get", "nodes", "-o", "wide", "--request-timeout=10s"], {
    output: "inherit",
  });
}

function placementTable(placement: readonly Placement[]): string {
  const table = new Table({
    head: ["host", "private IP", "public IP", "physical host", "rack", "power"],
    style: { head: [], border: [] },
  });
  for (const row of [...placement].sort((a, b) => a.name.localeCompare(b.name)))
    table.push([
      row.name,
      row.privateIp,
      row.publicIp ?? "",
      row.physicalHost,
      row.rack,
      row.power,
    ]);
  return table.toString();
}
