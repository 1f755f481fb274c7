import Table from "cli-table3";
import { Admin, type Placement } from "../admin";
import type { LabIdentity } from "../identity";
import { noLab } from "../present";
import { operatorOf } from "./operatorOf";

/** `npm run lab -- status`: hosts, where they run, and the cluster's nodes. */
export async function status(identity: LabIdentity): Promise<void> {
  const admin = new Admin(identity);
  if (!(await admin.alive())) {
    console.log(noLab(identity));
    process.exitCode = 1;
    return;
  }
  console.log(placementTable(await admin.placement()));
  const operator = await operatorOf(identity);
  if (!operator.ready) return;
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
