import type { RequestEntry } from "../../lab/cloud/requestLog";
import { type EngineEvent, nameOf, type StepMetadata } from "../../lab/engineEvents";

/** Something that happened. */
export interface Moment {
  /** Milliseconds since 1970. */
  at: number;
  /** Name of a host, or {@link engine}. */
  who: string;
  what: string;
}

/** Whose moments are those of no host. */
export const engine = "engine";

/**
 * What a host tells of itself (see collect.ts): lines `<seconds since 1970> <what>`, then its steps' logs, each after a line
 * `=== <step> <seconds since 1970 at its last write>`.
 */
export function momentsOfHost(who: string, report: string): Moment[] {
  const [own = "", ...logs] = report.split(/^=== /m);
  return [
    ...own.split("\n").flatMap((line) => {
      const [, seconds, what] = /^(\d+\.?\d*) (.+)$/.exec(line) ?? [];
      return what === undefined ? [] : [{ at: Number(seconds) * 1000, who, what }];
    }),
    ...logs.flatMap((log) => momentsOfStep(who, log)),
  ];
}

/** A step's log begins with when it did (run-step.sh) and has the seconds since then before each phase (lib.sh). */
function momentsOfStep(who: string, text: string): Moment[] {
  const [head = "", ...lines] = text.split("\n");
  const [step = "", end] = head.split(" ");
  const began = Date.parse(/^\S+ began (\S+)$/.exec(lines[0] ?? "")?.[1] ?? "");
  if (Number.isNaN(began)) throw new Error(`${who}: the log of ${step} does not say when it began`);
  return [
    { at: began, who, what: `${step}: began` },
    ...lines.flatMap((line) => {
      const [, seconds, phase] = /^\[ *(\d+)s\] (.+)$/.exec(line) ?? [];
      return phase === undefined
        ? []
        : [{ at: began + Number(seconds) * 1000, who, what: `${step}: ${phase}` }];
    }),
    { at: Number(end) * 1000, who, what: `${step}: ended` },
  ];
}

/** Conditions of nodes and pods, as `kubectl get -o json` gives them. */
export interface KubernetesObjects {
  items: {
    kind: string;
    metadata: { name: string };
    spec?: { nodeName?: string };
    status: { conditions?: { type: string; status: string; lastTransitionTime: string }[] };
  }[];
}

/** When each node became Ready, and the last of its pods. */
export function momentsOfNodes({ items }: KubernetesObjects): Moment[] {
  const last = new Map<string, Moment>();
  for (const { kind, metadata, spec, status } of items) {
    const ready = status.conditions?.find(
      (each) => each.type === "Ready" && each.status === "True",
    );
    if (!ready) continue;
    const at = Date.parse(ready.lastTransitionTime);
    const [who, what] =
      kind === "Node" ? [metadata.name, "node Ready"] : [spec?.nodeName ?? "", "last pod Ready"];
    const key = `${who} ${what}`;
    if ((last.get(key)?.at ?? -Infinity) < at) last.set(key, { at, who, what });
  }
  return [...last.values()];
}

/** What the engine worked on, at the host it is named for; what stays as it is, and components, take no time and are left out. */
export function momentsOfEngine(
  events: readonly EngineEvent[],
  hosts: readonly string[],
): Moment[] {
  const moment = (timestamp: number, metadata: StepMetadata, what: string): Moment[] => {
    if (metadata.op === "same" || isComponent(metadata)) return [];
    const name = nameOf(metadata);
    const host = hosts.find((each) => name === each || name.startsWith(`${each}-`));
    const kind = metadata.type.split(":").at(-1) ?? metadata.type;
    const rest = host === undefined ? name : name.slice(host.length + 1);
    const label = ["engine:", ...(rest === "" ? [kind] : [kind, rest]), what].join(" ");
    return [{ at: timestamp * 1000, who: host ?? engine, what: label }];
  };
  return events.flatMap((event) => {
    const { timestamp, preludeEvent, resourcePreEvent, resOutputsEvent, summaryEvent } = event;
    if (preludeEvent) return [{ at: timestamp * 1000, who: engine, what: "engine: plugins run" }];
    if (summaryEvent) return [{ at: timestamp * 1000, who: engine, what: "engine: done" }];
    if (resourcePreEvent) return moment(timestamp, resourcePreEvent.metadata, "begins");
    if (resOutputsEvent) return moment(timestamp, resOutputsEvent.metadata, "is made");
    return [];
  });
}

const isComponent = ({ type }: StepMetadata): boolean => !/^(command|tencentcloud):/.test(type);

/** Calls of one action. */
export interface ActionCalls {
  action: string;
  calls: number;
  /** Calls that were answered with an error. */
  refused: number;
  /** Of the first and the last one, milliseconds since 1970. */
  first: number;
  last: number;
}

/** The API log by action, in the order of their first calls. */
export function callsByAction(entries: readonly RequestEntry[]): ActionCalls[] {
  const actions = new Map<string, ActionCalls>();
  for (const { time, action, outcome } of entries) {
    const at = Date.parse(time);
    const known = actions.get(action) ?? { action, calls: 0, refused: 0, first: at, last: at };
    known.calls += 1;
    known.refused += outcome === "ok" ? 0 : 1;
    known.last = Math.max(known.last, at);
    actions.set(action, known);
  }
  return [...actions.values()].sort((a, b) => a.first - b.first);
}
