import type { HealthState } from "../../../../../lab/hosts/loadBalancer";
import { judge, type Verdict } from "../../../../../lab/hosts/platform/targetCheck";

const thresholds = { healthyAfter: 2, unhealthyAfter: 3 };

/** States after each probe: `+` succeeds, `-` fails. */
function after(state: HealthState, probes: string): string {
  let verdict: Verdict = { state, streak: 0, well: state === "Alive" };
  return Array.from(probes)
    .map((each) => {
      verdict = judge(verdict, each === "+", thresholds);
      return verdict.state.charAt(0);
    })
    .join("");
}

describe("a target becomes", () => {
  test.each<[string, HealthState, string, string]>([
    ["alive by its first successes in a row", "Unknown", "+-++", "UUUA"],
    ["dead by its first failures in a row", "Unknown", "--+---", "UUUUUD"],
    ["dead by failures in a row", "Alive", "--+---", "AAAAAD"],
    ["alive by successes in a row", "Dead", "+-++", "DDDA"],
  ])("%s", (_, state, probes, states) => {
    expect(after(state, probes)).toBe(states);
  });
});
