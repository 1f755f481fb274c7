/** What a machine has to share out. */
export interface MachineSize {
  cpus: number;
  memoryGiB: number;
}

const namedCores: Readonly<Record<string, number>> = { SMALL: 1, MEDIUM: 2, LARGE: 4 };

/**
 * Size of a CVM by the name of its type: `S5.LARGE8` has 4 cores and 8 GiB, `S5.8XLARGE64` 32 and 64. The names are
 * regular (n XLARGE = 4n cores, the number after it = GiB), so no table of families has to be kept up to date.
 * @throws for a name of another form; the schema refuses those before.
 */
export function machineSize(instanceType: string): MachineSize {
  const match = /^[A-Z][A-Za-z0-9]*\.(?:(\d+)XLARGE|(SMALL|MEDIUM|LARGE))(\d+)$/.exec(instanceType);
  if (match === null) {
    throw new Error(`"${instanceType}" is no CVM instance type such as S5.LARGE8`);
  }
  const [, multiple, word, memory] = match;
  const cpus = multiple === undefined ? namedCores[word ?? ""] : 4 * Number(multiple);
  return { cpus: cpus ?? 1, memoryGiB: Number(memory) };
}
