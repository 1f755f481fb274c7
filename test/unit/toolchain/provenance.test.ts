import { provenance } from "../../../toolchain/provenance";

test("says which are official, which are built and which are stand-ins", () => {
  expect(
    provenance({
      provider: { source: "official", version: "1.83.25" },
      command: { source: "built", version: "1.2.1" },
      "language-nodejs": { source: "official", version: "3.260.0" },
    }),
  ).toBe(
    "provider 1.83.25 (official), command 1.2.1 (stand-in), language-nodejs 3.260.0 (official)",
  );
});

test("says what a provider built from modules is, and what is not there", () => {
  expect(provenance({ provider: { source: "built", version: "1.81.90" } })).toBe(
    "provider 1.81.90 (built from modules), command (not there), language-nodejs (not there)",
  );
});
