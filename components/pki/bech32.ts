const alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const generators = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

/** Bytes as text with a prefix and a checksum, as keys of age are written (BIP 173). In lower case. */
export function bech32(prefix: string, bytes: Uint8Array): string {
  const data = groupsOfFive(bytes);
  const sum = checksum(prefix, data);
  return `${prefix}1${[...data, ...sum].map((value) => alphabet[value]).join("")}`;
}

function groupsOfFive(bytes: Uint8Array): number[] {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return (bits.match(/.{1,5}/g) ?? []).map((group) => parseInt(group.padEnd(5, "0"), 2));
}

function checksum(prefix: string, data: readonly number[]): number[] {
  const codes = Array.from(prefix, (letter) => letter.charCodeAt(0));
  const expanded = [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31)];
  const sum = [...expanded, ...data, 0, 0, 0, 0, 0, 0].reduce(step, 1) ^ 1;
  return [25, 20, 15, 10, 5, 0].map((shift) => (sum >> shift) & 31);
}

function step(sum: number, value: number): number {
  const top = sum >>> 25;
  const next = ((sum & 0x1ffffff) << 5) ^ value;
  return generators.reduce((all, each, bit) => ((top >> bit) & 1 ? all ^ each : all), next);
}
