import Table from "cli-table3";
import type { Admin, PhysicalHost, Placement } from "../admin";

/** `npm run lab -- host list`: physical machines and, by name, what runs on them. */
export async function listHosts(admin: Admin): Promise<void> {
  console.log(hostTable(await admin.hosts(), await admin.placement()));
}

/** @param placement Where each instance runs, which has its name. */
export function hostTable(
  hosts: readonly PhysicalHost[],
  placement: readonly Pick<Placement, "instanceId" | "name">[],
): string {
  const names = new Map(placement.map(({ instanceId, name }) => [instanceId, name]));
  const table = new Table({
    head: ["", "physical host", "zone", "power", "instances"],
    style: { head: [], border: [] },
    colAligns: ["right"],
  });
  // Numbered as `host kill 1` counts them.
  for (const [index, { name, zone, power, instances }] of hosts.entries())
    table.push([
      index + 1,
      name,
      zone,
      power,
      instances.map((id) => names.get(id) ?? id).join("\n"),
    ]);
  return table.toString();
}
