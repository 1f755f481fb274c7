import { type ReadSections } from "../parse";
import { type Problem } from "../problems";
import { worldProblems } from "./ranges";

/** Who may read metrics: declared ranges, and never everybody. */
export function monitoringProblems({ monitoring }: ReadSections): Problem[] {
  return worldProblems("monitoring.allowedCidrs", monitoring?.allowedCidrs ?? []);
}
