import { z } from "zod";

/** One line of printable ASCII for another program. A number or a truth value stands for its text, so that nobody has to quote it. */
export const line = z.preprocess(
  (value) => (typeof value === "number" || typeof value === "boolean" ? String(value) : value),
  z.string().regex(/^[ -~]*$/, "one line of printable ASCII"),
) as z.ZodType<string, string | number | boolean>;
