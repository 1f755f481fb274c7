import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Judgement, judge } from "../../../policy/check/judge";
import { type Preview, readPreview } from "../../../policy/check/preview";
import { rules } from "../../../policy/rules";
import { Living } from "./living";
import type { Row } from "./row";

const checkout = join(__dirname, "../../..");
const options = ["--stack", "changes", "--parallel", "64"] as const;
const pack = ["--policy-pack", join(checkout, "policy")] as const;

/** Rules of the pack that end an `up`. */
export const ending = rules.flatMap(({ id, level }): string[] =>
  level === "mandatory" ? [id] : [],
);

/** What was said of one row. */
export interface Answer {
  row: Row;
  /** What the check says of the plan of this row alone. */
  judgement: Judgement;
  /** Policies of the pack that the engine found violated in this row. */
  pack: ReadonlySet<string>;
}

/** What came of all rows. */
export interface Outcome {
  answers: Answer[];
  /** Exit code of the preview, whose pack only advises. */
  previewCode: number;
}

/**
 * Puts every row before the check and before the pack, in one preview of the real engine: its steps are judged row by row, and so
 * is what the pack says, which only advises, so that it stops nothing and the check has all steps.
 */
export async function tryRows(living: Living): Promise<Outcome> {
  const events = join(living.dir, "events.json");
  const advice = join(living.dir, "advice.json");
  writeFileSync(advice, JSON.stringify(Object.fromEntries(ending.map((id) => [id, "advisory"]))));
  living.write("after");
  const { code, stdout } = await living.pulumi(
    ...["preview", "--json", "--show-sames", ...options],
    ...[...pack, "--policy-pack-config", advice, "--event-log", events],
  );
  const whole = readPreview(stdout);
  const violations = violationsIn(readFileSync(events, "utf8"));
  return {
    previewCode: code,
    answers: living.cases.map((row) => {
      const own = violations.filter(({ urn }) => isOf(row.name, urn));
      return {
        row,
        judgement: judge(only(whole, row.name)),
        pack: new Set(own.map(({ policy }) => policy)),
      };
    }),
  };
}

/** An `up` with the pack as it is. */
export interface Refusal {
  code: number;
  /** Rules that the pack found broken. */
  broken: string[];
  /** Whether it left state and cloud as they were. */
  untouched: boolean;
}

/** Changes the clusters with the pack as it is, which must end it before it begins. */
export async function tryUp(living: Living): Promise<Refusal> {
  const events = join(living.dir, "up.json");
  living.write("after");
  const before = await fingerprint(living);
  const { code } = await living.pulumi("up", "--yes", ...options, ...pack, "--event-log", events);
  return {
    code,
    broken: violationsIn(readFileSync(events, "utf8")).map(({ policy }) => policy),
    untouched: before === (await fingerprint(living)),
  };
}

/** What the stack holds, and how often the cloud was asked to change something. */
async function fingerprint(living: Living): Promise<string> {
  const state = await living.must("stack", "export", "--stack", "changes");
  const { deployment } = JSON.parse(state) as { deployment: { resources: unknown } };
  const requests = (await living.lab.admin.call("GET", "/requests")) as { action: string }[];
  const changes = requests.filter(({ action }) => !/^(Describe|Get|List|Inquiry)/.test(action));
  return JSON.stringify([deployment.resources, changes]);
}

/** The steps of one row, and the stack's own. */
function only({ steps, ...rest }: Preview, name: string): Preview {
  return {
    ...rest,
    steps: steps.filter(({ urn }) => isOf(name, urn) || urn.includes("::pulumi:pulumi:Stack::")),
  };
}

function isOf(name: string, urn: string): boolean {
  return urn.slice(urn.lastIndexOf("::") + 2).startsWith(name);
}

interface PolicyEvent {
  policyEvent?: { policyName: string; resourceUrn?: string };
}

/** What the pack said of the rules that end an `up`. */
function violationsIn(log: string): { policy: string; urn: string }[] {
  return log
    .split("\n")
    .filter((line) => line !== "")
    .flatMap((line) => (JSON.parse(line) as PolicyEvent).policyEvent ?? [])
    .filter(({ policyName }) => ending.includes(policyName))
    .map(({ policyName, resourceUrn = "" }) => ({ policy: policyName, urn: resourceUrn }));
}
