import { join, resolve } from "node:path";

const checkout = resolve(__dirname, "../..");

/** The examples that people start from: production over three zones behind a CLB, and in one zone with a pair of balancers. */
export const examples = {
  production: join(checkout, "Pulumi.prod.yaml"),
  oneZone: join(checkout, "examples/one-zone/Pulumi.prod.yaml"),
} as const;
