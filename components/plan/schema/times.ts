const units = { h: 3600, m: 60 } as const;

/** Seconds of a time such as `8760h` or `20m`. */
export function secondsOf(time: string): number {
  return Number(time.slice(0, -1)) * units[time.slice(-1) as keyof typeof units];
}
