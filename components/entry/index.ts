import type * as pulumi from "@pulumi/pulumi";
import type { EntryPlan } from "../plan/entry";
import type { ApiEntry, EntryArgs } from "./apiEntry";
import { ClbEntry } from "./clb";
import { LvsEntry } from "./lvs";
import { NodeLocalEntry } from "./nodeLocal";
import { VipEntry } from "./vip";

interface Maker<P extends EntryPlan> {
  make(name: string, args: EntryArgs<P>, opts: pulumi.ComponentResourceOptions): ApiEntry;
}

/** What makes an entry of each kind. */
const makers: { readonly [K in EntryPlan["kind"]]: Maker<Extract<EntryPlan, { kind: K }>> } = {
  lvs: { make: (name, args, opts) => new LvsEntry(name, args, opts) },
  nodeLocal: { make: (name, args, opts) => new NodeLocalEntry(name, args, opts) },
  vip: { make: (name, args, opts) => new VipEntry(name, args, opts) },
  clb: { make: (name, args, opts) => new ClbEntry(name, args, opts) },
};

/** Makes the way to the API, of whichever kind it was planned. */
export function createEntry(
  name: string,
  args: EntryArgs<EntryPlan>,
  opts: pulumi.ComponentResourceOptions,
): ApiEntry {
  const maker: Maker<EntryPlan> = makers[args.plan.kind];
  return maker.make(name, args, opts);
}
