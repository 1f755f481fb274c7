import { faultsNamed, tryContract } from "../../drills/contract";
import { faults } from "../../drills/faults";
import { siteOf } from "../../drills/site";
import type { Kind } from "../../drills/onLab";
import { kinds, nameOf } from "../kinds/kinds";
import { kindsTable } from "../kinds/table";
import type { TestLab } from "./lab";

/** What `npm test` tries of the contract on each kind it brings up; `npm run test:kinds` tries all of it on all kinds. */
const tried = ["apiserver-killed", "machine-killed"];

/** The kinds that `npm test` brings up. */
const broughtUp = ["vip/external", "clb/stacked", "node-nginx/stacked"];

/** Nothing that the cluster tolerates keeps a client out for longer. What is aimed at is shorter, and judged on a machine that does nothing else. */
const longestMs = 10_000;

/**
 * A process and a physical machine are killed while clients at all five positions ask the API by its name, and pods by the Service `kubernetes`: none of
 * the former is kept out for more than 10 s. The figures are printed, with what was left out.
 */
export async function holdsContract(lab: TestLab, kind: Kind): Promise<void> {
  const { verdicts, broken } = await tryContract(siteOf(lab), { faults: faultsNamed(tried) });
  const leftOut = {
    faults: faults.map(({ name }) => name).filter((name) => !tried.includes(name)),
    kinds: kinds.map(nameOf).filter((name) => !broughtUp.includes(name)),
  };
  console.log(
    `${kindsTable([{ kind, verdicts, broken }])}
left out here, and tried by \`npm run test:kinds\`: faults ${leftOut.faults.join(", ")}; kinds ${leftOut.kinds.join(", ")}`,
  );
  expect(broken).toEqual([]);
  expect([...new Set(verdicts.map(({ fault }) => fault))]).toEqual([
    "apiserver-killed",
    "machine-killed",
    "machine-killed-back",
  ]);
  // What follows when a machine comes back is printed as well: how soon its hosts are quick again is this machine's matter.
  const kept = verdicts.filter(
    ({ fault, way, newConnectionGapMs }) =>
      way === "entry" && !fault.endsWith("-back") && newConnectionGapMs > longestMs,
  );
  expect(kept).toEqual([]);
}
