import type { FaultTolerance } from "../../components/plan/topology/tolerance";
import { instancesOf } from "../facts/instances";
import { judge as judgeState, type RuleConfig, rules } from "../rules";
import type { Finding } from "../rules/rule";
import { Change } from "./change";
import type { Preview } from "./preview";
import { changeRules } from "./rules";
import { toleranceOf } from "./tolerance";
import { touchesOf } from "./touches";

/** What the check says of a plan, or one rule of it. */
export type Verdict = "passed" | "denied" | "undecided";

/** What one rule says. `warned` is an advisory rule's denial. */
export interface RuleVerdict {
  rule: string;
  description: string;
  verdict: Verdict | "warned";
  /** What it has against the plan, or why it cannot decide. */
  findings: Finding[];
  /** What to do, where a finding does not say. */
  fix: string;
}

/** What a cluster survives, before and after. Undefined where it is not there. */
export interface ClusterChange {
  name: string;
  before: FaultTolerance | undefined;
  after: FaultTolerance | undefined;
}

export interface Judgement {
  verdict: Verdict;
  rules: RuleVerdict[];
  clusters: ClusterChange[];
  /** Operations of the plan and how many resources each has, those that stay left out. */
  operations: Record<string, number>;
  /** What is done to members that serve, for people. */
  touches: { member: string; what: string }[];
}

/**
 * Judges a plan: the stack as it is to be by the rules of the pack, and what becomes of it by the rules on changes. Pure.
 * @param config Levels and parameters of the pack's rules.
 */
export function judge(preview: Preview, config: RuleConfig = {}): Judgement {
  const change = new Change(preview);
  const verdicts = [
    ...stateVerdicts(change, config),
    membersKnown(change),
    ...changeVerdicts(change),
  ];
  return {
    verdict: worst(verdicts),
    rules: verdicts,
    clusters: change.clusters.map((name) => ({
      name,
      before: toleranceOf(change.before, name),
      after: toleranceOf(change.after, name),
    })),
    operations: operations(preview),
    touches: [
      ...touchesOf(change).map(({ member, what }) => ({ member: member.name, what })),
      ...change.leaving.map(({ name }) => ({ member: name, what: "it leaves" })),
    ],
  };
}

function stateVerdicts({ after }: Change, config: RuleConfig): RuleVerdict[] {
  const violations = judgeState(rules, after.stack.resources, config);
  return rules.map(({ id, description, fix }) => {
    const findings = violations.filter(({ rule }) => rule === id);
    return { rule: id, description, fix, findings, verdict: verdictOf(findings) };
  });
}

function verdictOf(
  findings: readonly { level: string; undecided?: true }[],
): RuleVerdict["verdict"] {
  if (findings.length === 0) return "passed";
  const mandatory = findings.filter(({ level }) => level === "mandatory");
  if (mandatory.length === 0) return "warned";
  return mandatory.every(({ undecided }) => undecided === true) ? "undecided" : "denied";
}

function changeVerdicts(change: Change): RuleVerdict[] {
  return changeRules.map((rule) => {
    const findings = rule.judge(change);
    const verdict = findings.length > 0 ? "denied" : "passed";
    return { rule: rule.id, description: rule.description, fix: rule.fix, findings, verdict };
  });
}

/** Members are told by their tags; without them nothing is known of a change. */
function membersKnown({ after }: Change): RuleVerdict {
  const untold = instancesOf(after.stack).filter(({ undecided }) => undecided);
  return {
    rule: "change-members-known",
    description: "The tags of every instance are known before the update.",
    verdict: untold.length > 0 ? "undecided" : "passed",
    findings: untold.map(({ resource: { urn } }) => ({
      urn,
      message:
        "the tags of the instance are known only after the update, so its role cannot be told",
    })),
    fix: "Write the tags down, so that they depend on no other resource",
  };
}

function worst(rules: readonly RuleVerdict[]): Verdict {
  const verdicts = rules.map(({ verdict }) => verdict);
  if (verdicts.includes("denied")) return "denied";
  return verdicts.includes("undecided") ? "undecided" : "passed";
}

function operations({ steps }: Preview): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { op } of steps) {
    if (op !== "same") counts[op] = (counts[op] ?? 0) + 1;
  }
  return counts;
}
