/** Members that must agree for a vote to pass: more than half. */
export function quorum(members: number): number {
  return Math.floor(members / 2) + 1;
}

/** Members a voting group may lose and still vote. An even count gains nothing over the odd one below it. */
export function tolerated(members: number): number {
  return members === 0 ? 0 : members - quorum(members);
}
