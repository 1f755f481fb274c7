import type { Run } from "./collect";
import type { Moment } from "./moments";

/** A stage that all of a cluster passes. */
export interface Stage {
  what: string;
  /** Seconds from the run's start to when the last host had passed it; undefined where a run has no such stage. */
  at: number | undefined;
}

/** Stages in the order they are passed, each by the moment that ends it. */
const ends: readonly (readonly [what: string, ends: RegExp])[] = [
  ["plugins and policies run", /^engine: plugins run$/],
  ["keys are made", /^engine: Command \S+-authorities is made$/],
  ["all hosts are ordered", /^engine: Instance begins$/],
  ["all hosts have booted", /^booted$/],
  ["sshd runs on all", /^sshd runs$/],
  ["scripts are on all", /^scripts copied$/],
  ["etcd's hosts are prepared", /^etcd: began$/],
  ["etcd serves", /^etcd: ended$/],
  ["masters are Ready", /^control-plane: ended$/],
  ["workers are Ready", /^worker: ended$/],
];

/** When a run had passed each stage. Pure. */
export function stagesOf({ began, seconds, moments }: Run): Stage[] {
  const last = (pattern: RegExp): number | undefined => {
    const found = moments.filter(({ what }: Moment) => pattern.test(what)).map(({ at }) => at);
    return found.length === 0 ? undefined : (Math.max(...found) - began) / 1000;
  };
  return [
    ...ends.map(([what, pattern]) => ({ what, at: last(pattern) })),
    { what: "the cluster takes work", at: seconds },
  ];
}

/** A stage of two runs. */
export interface ComparedStage {
  what: string;
  own: number | undefined;
  bare: number | undefined;
  /** Seconds by which the first run fell behind in this stage: its way from the last stage both have, less the other's. */
  lost: number | undefined;
}

/** Where one run fell behind another. Pure. */
export function compareStages(own: readonly Stage[], bare: readonly Stage[]): ComparedStage[] {
  let behind = 0;
  return own.map(({ what, at }) => {
    const other = bare.find((each) => each.what === what)?.at;
    if (at === undefined || other === undefined)
      return { what, own: at, bare: other, lost: undefined };
    const lost = at - other - behind;
    behind += lost;
    return { what, own: at, bare: other, lost };
  });
}
