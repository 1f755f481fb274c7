import { defaultSocksPort, writeAccess } from "../operations/access/files";
import { parseOutputs, type StackOutputs } from "../operations/access/outputs";
import type { Operator } from "./operator";

/** Gives the operator the files that `npm run access` writes with a real account, made from the stack's outputs. */
export function learn(operator: Operator, outputs: unknown): StackOutputs {
  const known = parseOutputs(outputs);
  // The operator's namespace is the lab's own, so the port is always free.
  writeAccess(known, { directory: operator.access, socksPort: defaultSocksPort });
  operator.remember(known);
  return known;
}
