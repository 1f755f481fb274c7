import { z } from "zod";
import { line } from "../values/text";

const flag = z
  .string()
  .regex(
    /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
    "a flag without its hyphens in front, such as max-requests-inflight",
  );

/**
 * Flags of a component and their values. Those that the cluster sets itself are refused (ownFlags.ts). Whether a release has a flag, and
 * takes its value, is known by the component alone: one that does not come up with them gives way to what ran before. A file that a flag names has to be on
 * every host of the component, below a directory that its pod has. @default none
 */
export const flags = z.record(flag, line).default({});
