import * as fc from "fast-check";
import { renderBridgedRuleset } from "../../lab/hosts/bridgedRuleset";
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
  90_000,
);
