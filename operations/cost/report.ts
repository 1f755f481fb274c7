import Table from "cli-table3";
import { refusedFinding } from "../../components/preflight/finding";
import type { Bill } from "./bill";

/** Names that one cell shows. */
const shownNames = 3;

/** A bill as people read it: pure. */
export function renderBill(cost: Bill): string {
  const table = new Table({
    head: ["what", "for", "count", "an hour each", "a month"],
    style: { head: [], border: [] },
    colAligns: ["left", "left", "right", "right", "right"],
    colWidths: [44, 30, 7, 14, 14],
    wordWrap: true,
  });
  for (const { what, names, count, hour, month } of cost.items)
    table.push([what, shown(names), count, hourly(hour), monthly(count * month)]);
  table.push(["total", "", "", hourly(cost.hour), monthly(cost.month)]);
  return [
    table.toString(),
    `${cost.cluster}: ${hourly(cost.hour)} an hour, ${monthly(cost.month)} for the first ${cost.hoursPerMonth} hours${cost.complete ? "" : ", WITHOUT what is below that no price was told of"}`,
    "in the account's currency, which the API does not name: yuan for accounts of cloud.tencent.com, US dollars for those of tencentcloud.com",
    ...section(
      "NO PRICE WAS TOLD OF",
      cost.unanswered.map(({ what, ...refusal }) => {
        const { found, fix } = refusedFinding(what, refusal, "failed");
        return `${what}: ${found}. ${fix}.`;
      }),
    ),
    ...section("not included", [
      ...cost.rates.map(({ what, unit, price }) => `${what}: ${hourly(price)} a ${unit}`),
      ...cost.notIncluded,
    ]),
    "",
  ].join("\n");
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${line}`)];
}

function shown(names: readonly string[]): string {
  const rest = names.length - shownNames;
  return [...names.slice(0, shownNames), ...(rest > 0 ? [`${rest} more`] : [])].join(", ");
}

/** Small things cost less than a hundredth an hour. */
function hourly(amount: number): string {
  return amount.toFixed(4);
}

function monthly(amount: number): string {
  return amount.toFixed(2);
}
