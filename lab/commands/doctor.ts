import Table from "cli-table3";
import { doctor } from "../../toolchain/doctor";

/** `npm run lab -- doctor`: what this machine lacks; ends with 1 when it lacks anything. */
export async function showDoctor(): Promise<void> {
  const table = new Table({
    head: ["", "check", "found", "needed", "fix"],
    style: { head: [], border: [] },
  });
  const checks = await doctor();
  for (const { ok, name, found, need, fix } of checks)
    table.push([ok ? "ok" : "MISSING", name, found, need, ok ? "" : fix]);
  console.log(table.toString());
  process.exitCode = checks.every(({ ok }) => ok) ? 0 : 1;
}
