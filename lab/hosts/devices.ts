/** A disk as its host sees it. */
export interface Device {
  /** `vdb`, `vdc`, ... */
  name: string;
  diskId: string;
  major: number;
  minor: number;
}

const letters = "bcdefghijklmnopqrstuvwxyz";

/**
 * Gives disks their names: one that has a name keeps it, a new one gets the lowest free letter.
 *
 * @throws Error beyond 25 disks; the cloud allows 20.
 */
export function assignDevices(
  before: readonly Pick<Device, "name" | "diskId">[],
  diskIds: readonly string[],
): Pick<Device, "name" | "diskId">[] {
  const kept = new Map(
    before
      .filter(({ diskId }) => diskIds.includes(diskId))
      .map(({ diskId, name }) => [diskId, name]),
  );
  const free = letters
    .split("")
    .map((letter) => `vd${letter}`)
    .filter((name) => ![...kept.values()].includes(name));
  return diskIds.map((diskId) => {
    const name = kept.get(diskId) ?? free.shift();
    if (name === undefined)
      throw new Error(
        `disk ${diskId} finds no device name: at most ${letters.length} disks on one host`,
      );
    return { name, diskId };
  });
}

/** The file scripts/host-devices.sh reads. */
export function renderDevices(devices: readonly Device[]): string {
  return devices
    .map(({ name, major, minor, diskId }) => `${name} ${major} ${minor} ${diskId}\n`)
    .join("");
}

export function parseDevices(text: string): Device[] {
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const [name, major, minor, diskId] = line.split(" ") as [string, string, string, string];
      return { name, diskId, major: Number(major), minor: Number(minor) };
    });
}
