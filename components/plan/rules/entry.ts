import { kindOf } from "../entry";
import { type Problem } from "../problems";
import { type ReadSections } from "../parse";

/** What the kind of the API entry finds wrong with its settings. */
export function entryProblems({ entry, network }: ReadSections): Problem[] {
  return entry === undefined ? [] : kindOf(entry).rules(entry, network);
}
