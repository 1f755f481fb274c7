import Table from "cli-table3";
import type { Admin, PhysicalHost } from "../admin";

/** `npm run lab -- zone list`: zones that have physical machines. */
export async function listZones(admin: Admin): Promise<void> {
  console.log(zoneTable(await admin.hosts()));
}

export function zoneTable(hosts: readonly PhysicalHost[]): string {
  const table = new Table({
    head: ["", "zone", "physical host", "power", "instances"],
    style: { head: [], border: [] },
    colAligns: ["right", "left", "left", "left", "right"],
  });
  // Numbered as `zone kill 1` counts them.
  for (const [index, zone] of [...new Set(hosts.map((host) => host.zone))].entries()) {
    const own = hosts.filter((host) => host.zone === zone);
    const column = (cell: (host: PhysicalHost) => string): string => own.map(cell).join("\n");
    table.push([
      index + 1,
      zone,
      column(({ name }) => name),
      column(({ power }) => power),
      column(({ instances }) => String(instances.length)),
    ]);
  }
  return table.toString();
}
