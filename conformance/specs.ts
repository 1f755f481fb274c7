import { parse } from "yaml";
import { z } from "zod";

/** A test of the upstream list, and of a run. */
export interface Spec {
  /** Its whole name, by which a run and the list know it. */
  name: string;
  /** File of Kubernetes' source that it is in. */
  file: string;
}

const listSchema = z.array(z.object({ codename: z.string().min(1), file: z.string() }));

/**
 * Every conformance test of a release, as its own program lists them.
 *
 * @param yaml What `e2e.test --list-conformance-tests` prints.
 * @throws Error when that is no such list.
 */
export function parseUpstream(yaml: string): Spec[] {
  const listed = listSchema.safeParse(parse(yaml));
  if (!listed.success)
    throw new Error(`e2e.test --list-conformance-tests: ${z.prettifyError(listed.error)}`);
  return listed.data.map(({ codename, file }) => ({ name: codename, file }));
}

/** The group of people who own a test: the first word of its name in brackets. */
export function groupOf(name: string): string {
  return /^\[(sig-[a-z-]+)\]/.exec(name)?.[1] ?? "other";
}
