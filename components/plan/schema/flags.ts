import { z } from "zod";
import { line } from "../values/text";

const flag = z
  .string()
  .regex(
    /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
    "a flag without its hyphens in front, such as max-requests-inflight",
  );

/**
 * Flags of a component and their values. Those that the cluster sets itself are refused (ownFlags.ts).
 * @param more What is to be known of this component's beside what holds for all.
 */
export function flags(component: string, more?: string) {
  return z
    .record(flag, line)
    .prefault({})
    .describe(
      [
        `Flags of ${component} and their values. Those that the cluster sets itself are refused.`,
        ...(more === undefined ? [] : [more]),
        "Whether a release has a flag, and takes its value, is known by the component alone: one that does not come up with them gives way to what ran before. A file that a flag names has to be on every host of the component, below a directory that its pod has.",
      ].join(" "),
    );
}
