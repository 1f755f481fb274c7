import { z } from "zod";

const units = { h: 3600, m: 60 } as const;
const shortest = 20 * units.m;
const longest = 8760 * units.h;

/** Seconds of a time such as `8760h` or `20m`. */
export function secondsOf(time: string): number {
  return Number(time.slice(0, -1)) * units[time.slice(-1) as keyof typeof units];
}

/** Section `pki`. */
export const pki = z
  .strictObject({
    certificateValidity: z
      .string()
      .regex(/^[1-9]\d*[hm]$/, "hours or minutes such as 8760h or 20m")
      .refine((time) => secondsOf(time) >= shortest && secondsOf(time) <= longest, {
        error: "20m to 8760h, a year",
      })
      .default("8760h")
      .describe(
        "How long a certificate is valid that hosts issue, in hours or minutes: `20m` to `8760h`, a year. Each host issues its own anew once half of that is over. A changed value reaches living hosts: what was issued for longer is issued anew.",
      ),
  })
  .prefault({})
  .describe("Certificates that hosts issue.");
