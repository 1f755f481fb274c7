import { say } from "../toolchain/progress";
import { drill } from "./drill";
import { faults, type Fault } from "./faults";
import { prepareProbers, removeProbers, type ProbeTerms } from "./probers";
import { allWell, type Site } from "./site";
import { type Verdict, verdictsOf } from "./verdict";

/** How the contract is tried. */
export interface ContractOptions {
  /** @default all */
  faults?: readonly Fault[];
  terms?: ProbeTerms;
  /** Told of each verdict as soon as it is there. */
  told?: (verdict: Verdict) => void;
}

/** What came of it. */
export interface ContractResult {
  verdicts: Verdict[];
  /** Faults that could not be tried to their end, and why: `machine-killed: gave up waiting for ...`. */
  broken: string[];
}

/**
 * Tries faults on a living cluster, one after another, each from all well to all well. One that cannot be tried to its end does not keep the others
 * from being tried.
 */
export async function tryContract(
  site: Site,
  { faults: chosen = faults, terms, told = () => undefined }: ContractOptions = {},
): Promise<ContractResult> {
  const [verdicts, broken]: [Verdict[], string[]] = [[], []];
  await allWell(site);
  await prepareProbers(site);
  for (const fault of chosen)
    try {
      const done = await drill(site, fault, terms);
      if (done === undefined) say(`${fault.name}: this cluster has no such part`);
      for (const verdict of done ? verdictsOf(site.plan.entry, done) : []) {
        verdicts.push(verdict);
        told(verdict);
      }
    } catch (error) {
      broken.push(`${fault.name}: ${error instanceof Error ? error.message : String(error)}`);
      say(broken.at(-1) as string);
    }
  await removeProbers(site);
  return { verdicts, broken };
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
