/** What a run chooses from the conformance tests. */
export interface Choice {
  /** Regular expressions of names, one of which has to be in a test's. @default all */
  focus?: readonly string[];
  /** Regular expressions of names that are not run. */
  skip?: readonly string[];
  /** Whole names that are not run. */
  without?: readonly string[];
}

/** Arguments of ginkgo that choose these tests. Those that bear no other beside them run last by themselves: they say so themselves. */
export function choosing({ focus = [], skip = [], without = [] }: Choice): string[] {
  // ginkgo has the suite's own name before that of a test, which begins by its owner.
  const exactly = without.map((name) => ` ${escaped(name)}$`);
  return [
    "--label-filter=Conformance",
    ...focus.map((pattern) => `--focus=${pattern}`),
    ...[...skip, ...exactly].map((pattern) => `--skip=${pattern}`),
  ];
}

/** As a regular expression of Go that means these very characters. */
function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}

/** How far a run is. */
export interface Tally {
  /** How many will run, once that is known. */
  chosen?: number;
  ended: number;
  failed: number;
}

/** Reads what ginkgo has printed so far. */
export function tally(output: string): Tally {
  const [, chosen] = /Will run (\d+) of \d+ specs/.exec(output) ?? [];
  return {
    ...(chosen !== undefined && { chosen: Number(chosen) }),
    ended: count(output, /•/g),
    failed: count(output, /• \[(?!\d)/g),
  };
}

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

/** Where tests find images that they name by the registry of each: all in one place, but for what is not to be found. */
export function registriesIn(repository: string): Record<string, string> {
  const names = [
    ...["promoterE2eRegistry", "buildImageRegistry", "gcEtcdRegistry", "gcRegistry"],
    ...["sigStorageRegistry", "dockerLibraryRegistry", "cloudProviderGcpRegistry"],
  ];
  return Object.fromEntries(names.map((name) => [name, repository]));
}
