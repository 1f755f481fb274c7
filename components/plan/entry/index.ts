import { z } from "zod";
import { clb, type ClbPlan } from "./clb";
import { type Flow } from "../model";
import { type EntryKind } from "./kind";
import { lvs, type LvsPlan } from "./lvs";
import { nodeLocal, type NodeLocalPlan } from "./nodeLocal";
import { vip, type VipPlan } from "./vip";

export type { ExtraFrontend } from "./frontends";
export type {
  Backend,
  EntryBase,
  EntryKind,
  EntryProgram,
  FailureMode,
  KubeProxyTerms,
} from "./kind";
export type { ClbPlan } from "./clb";
export type { LvsPlan } from "./lvs";
export { hasNodeProxy, type NodeLocalPlan } from "./nodeLocal";
export type { VipPlan } from "./vip";

/** Section `entry`: a branch a kind. */
export const entry = z
  .discriminatedUnion("kind", [vip.config, clb.config, lvs.config, nodeLocal.config])
  .describe("The way to the API: what stands before the masters.");

/** The way to the API as configured. */
export type EntryConfig = z.output<typeof entry>;

/** The way to the API as planned. */
export type EntryPlan = VipPlan | ClbPlan | LvsPlan | NodeLocalPlan;

type OfKind<T, K> = Extract<T, { kind: K }>;

/** Every kind of entry. A kind is added here, in {@link entry} and in {@link EntryPlan}; the compiler asks for the rest. */
export const entryKinds: {
  readonly [K in EntryConfig["kind"]]: EntryKind<OfKind<EntryConfig, K>, OfKind<EntryPlan, K>>;
} = { vip, clb, lvs, nodeLocal };

/**
 * What is open in every cluster so that it may be switched to any kind, whether it is open nobody looks, and what is open for this entry beyond that. The
 * order is the same whatever the kind is: another one changes no rule.
 */
export function entryFlows(plan: EntryPlan): Flow[] {
  const own = entryKindOf(plan).flows(plan);
  const path = ({ protocol, port, from, to }: Flow) => JSON.stringify([protocol, port, from, to]);
  const all = [
    ...Object.values(entryKinds)
      .flatMap((kind) => kind.standing)
      .map((flow) => ({ ...flow, awaited: [] })),
    ...own,
  ];
  return all
    .filter((flow, at) => all.findIndex((other) => path(other) === path(flow)) === at)
    .map((flow) => own.find((each) => path(each) === path(flow)) ?? flow);
}

/** The kind of an entry, configured or planned. */
export function entryKindOf({
  kind,
}: Pick<EntryConfig, "kind">): EntryKind<EntryConfig, EntryPlan> {
  return entryKinds[kind];
}
