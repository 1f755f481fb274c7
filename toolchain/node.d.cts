/** Where expensive builds live, as it is named: lab/identity.ts makes it a real path. */
export function cacheRoot(): string;
/**
 * Executable of the Node.js to go on with: this one, unless it is too old or `wanted` names another major version.
 *
 * @param wanted Major version (`22`, `24`); undefined: any that is new enough.
 * @returns its path; downloaded into the cache first if it is not there.
 * @throws Error saying what is needed, when it cannot be had.
 */
export function nodeFor(wanted?: string): string;
/**
 * Executable of the newest Node.js that is pinned, for another machine of this kind: it needs nothing of the system but its C library. Downloaded into the
 * cache first if it is not there.
 *
 * @throws Error when it cannot be had.
 */
export function pinnedNode(): string;
/** Directory of the npm that is pinned, with all it needs in it. Downloaded into the cache first if it is not there. @throws Error when it cannot be had. */
export function pinnedNpm(): string;
