import * as fc from "fast-check";
import { renderBridgedRuleset } from "../../lab/hosts/bridgedRuleset";
import { renderForwarding, type Forwarding } from "../../lab/hosts/platform/forwarding";
import { renderRuleset } from "../../lab/hosts/ruleset";
import { must } from "../../lab/process";
import { anyWorld } from "../unit/lab/hosts/worlds";

it.each([
  ["vpc", renderRuleset],
  ["l2", renderBridgedRuleset],
])(
  "of %s is accepted by nft, twice over, whatever the world",
  async (_, render) => {
    await fc.assert(
      fc.asyncProperty(anyWorld, async (desired) => {
        const first = desired.hosts[0];
        const owners = new Map(first ? [["havip-1", first.instanceId]] : []);
        const text = render(desired, owners);
        await must(["unshare", "--net", "--", "nft", "-f", "-"], { input: text + text });
      }),
      { numRuns: 25 },
    );
  },
  180_000,
);

it("is accepted by nft for load balancers, one state after the other", async () => {
  const endpoint = fc.record({
    address: fc.constantFrom("10.0.1.2", "10.0.1.3"),
    port: fc.integer({ min: 1, max: 65_535 }),
  });
  const forwarding: fc.Arbitrary<Forwarding> = fc.record({
    vip: fc.constantFrom("10.0.1.200", "10.0.1.201"),
    port: fc.integer({ min: 1, max: 65_535 }),
    slots: fc.array(endpoint, { maxLength: 5 }),
    sticky: fc.boolean(),
    idleSeconds: fc.constantFrom(10, 300, 900),
    resets: fc.array(endpoint, { maxLength: 2 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(forwarding, { maxLength: 4 }), { minLength: 1 }),
      async (states) => {
        const input = states.map((state) => renderForwarding(state)).join("");
        await must(["unshare", "--net", "--", "nft", "-f", "-"], { input });
      },
    ),
    { numRuns: 15 },
  );
}, 120_000);
