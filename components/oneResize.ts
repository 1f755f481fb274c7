import * as pulumi from "@pulumi/pulumi";
import { tagNames } from "./plan/roles";

/** Inputs of an instance for which the platform stops it. */
const stopping = ["instanceType", "systemDiskSize", "systemDiskType"] as const;

/** Inputs of an instance, as far as they matter here. */
export interface InstanceInputs extends Partial<Record<(typeof stopping)[number], unknown>> {
  tags?: Record<string, string>;
}

/** Lets one machine of each pool be resized, and refuses the others: the engine would stop all of them at once. */
export class OneResize {
  /** The one of each pool. */
  private readonly first = new Map<string, string>();

  /**
   * Takes note of a change of an instance.
   * @throws when it stops the second machine of a pool, with what to do instead.
   */
  check(name: string, before: InstanceInputs, after: InstanceInputs): void {
    const changed = stopping.filter((input) => before[input] !== after[input]);
    if (changed.length === 0) return;
    const pool = after.tags?.[tagNames.pool] ?? name;
    const first = this.first.get(pool) ?? name;
    this.first.set(pool, first);
    if (first === name) return;
    throw new Error(
      `${first} and ${name}, both of pool ${pool}, would be stopped at once, as ${changed.join(", ")} changes. ` +
        `Resize one with --target '**::${first}', see that it is Ready, or healthy in etcd, again, then the next: docs/runbooks/resize-hosts.md`,
    );
  }

  /** The hook that does so, in a preview already. @param name Name of the hook, unique in the program. */
  hook(name: string): pulumi.ResourceHook {
    return new pulumi.ResourceHook(
      name,
      ({ name: instance, oldInputs, newInputs }) =>
        this.check(
          instance,
          (oldInputs ?? {}) as InstanceInputs,
          (newInputs ?? {}) as InstanceInputs,
        ),
      { onDryRun: true },
    );
  }
}
