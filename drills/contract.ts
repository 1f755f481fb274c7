import { say } from "../toolchain/progress";
import { drill } from "./drill";
import { faults, type Fault } from "./faults";
import { prepareProbers, removeProbers, type ProbeTerms } from "./probers";
import type { Site } from "./site";
import { type Verdict, verdictsOf } from "./verdict";

/** How the contract is tried. */
export interface ContractOptions {
  /** @default all */
  faults?: readonly Fault[];
  terms?: ProbeTerms;
  /** Told of each verdict as soon as it is there. */
  told?: (verdict: Verdict) => void;
}

/** Tries faults on a living cluster, one after another, each from all well to all well. */
export async function tryContract(
  site: Site,
  { faults: chosen = faults, terms, told = () => undefined }: ContractOptions = {},
): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  await prepareProbers(site);
  for (const fault of chosen) {
    const done = await drill(site, fault, terms);
    if (done === undefined) {
      say(`${fault.name}: this cluster has no such part`);
      continue;
    }
    for (const verdict of verdictsOf(site.plan.entry, done)) {
      verdicts.push(verdict);
      told(verdict);
    }
  }
  await removeProbers(site);
  return verdicts;
}

/** Faults by name. @throws Error naming those there are. */
export function faultsNamed(names: readonly string[]): Fault[] {
  return names.map((name) => {
    const found = faults.find((each) => each.name === name);
    if (found === undefined)
      throw new Error(
        `no fault is called "${name}"; there are ${faults.map((each) => each.name).join(", ")}`,
      );
    return found;
  });
}
