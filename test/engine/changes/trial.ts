import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Judgement, judge } from "../../../policy/check/judge";
import { type Preview, readPreview } from "../../../policy/check/preview";
import { Living } from "./living";
import type { Row } from "./row";

const checkout = join(__dirname, "../../..");
const preview = ["--json", "--show-sames", "--stack", "changes", "--parallel", "64"] as const;

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
  /** Exit code of the preview without pack and check. */
  previewCode: number;
  /** Exit code of an `up` with the pack. */
  upCode: number;
  /** Whether that `up` left state and cloud as they were. */
  untouched: boolean;
}

/**
 * Puts every row before the check and before the pack: one preview of the real engine without either, whose steps are judged row by
 * row, and one `up` with the pack, which must end before it begins.
 */
export async function tryRows(living: Living): Promise<Outcome> {
  living.write("after");
  const plain = await living.pulumi("preview", ...preview);
  const whole = readPreview(plain.stdout);
  const before = await fingerprint(living);
  const events = join(living.dir, "events.json");
  const up = await living.pulumi(
    ...["up", "--yes", "--stack", "changes", "--parallel", "64"],
    ...["--policy-pack", join(checkout, "policy"), "--event-log", events],
  );
  const violations = violationsIn(readFileSync(events, "utf8"));
  return {
    previewCode: plain.code,
    upCode: up.code,
    untouched: before === (await fingerprint(living)),
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
  policyEvent?: { policyName: string; resourceUrn?: string; enforcementLevel: string };
}

function violationsIn(log: string): { policy: string; urn: string }[] {
  return log
    .split("\n")
    .filter((line) => line !== "")
    .flatMap((line) => (JSON.parse(line) as PolicyEvent).policyEvent ?? [])
    .filter(({ enforcementLevel }) => enforcementLevel === "mandatory")
    .map(({ policyName, resourceUrn = "" }) => ({ policy: policyName, urn: resourceUrn }));
}
