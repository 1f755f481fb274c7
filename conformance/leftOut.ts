/** A test that is not run on the lab. */
export interface LeftOut {
  /** Its whole name. */
  name: string;
  /** Why it cannot say anything there. */
  reason: string;
}

/** All of them: each is named, so that a new one of the same kind is run and seen. */
export const leftOut: readonly LeftOut[] = [];
