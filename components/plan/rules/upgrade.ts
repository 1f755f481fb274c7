import semver from "semver";
import { type Fault } from "../fault";

/** Why what runs may not go from one version to another; undefined when it may. `what` is its name, for people. */
export function upgradeFault(what: string, before: string, after: string): Fault | undefined {
  const [from, to] = [semver.parse(before), semver.parse(after)];
  if (from === null || to === null) {
    return {
      message: `${what} goes from ${before} to ${after}, of which one is no version`,
      fix: "Use versions like v1.36.3",
    };
  }
  const way = `${what} goes from ${before} to ${after}`;
  if (to.major !== from.major) {
    return { message: `${way}, another major release`, fix: "Make a new cluster and move to it" };
  }
  if (to.minor > from.minor + 1) {
    return {
      message: `${way}, ${to.minor - from.minor} minor releases at once`,
      fix: `Go to ${from.major}.${from.minor + 1} first`,
    };
  }
  if (to.minor < from.minor) {
    return { message: `${way}, a minor release down`, fix: `Stay at ${before} or later` };
  }
  return undefined;
}
