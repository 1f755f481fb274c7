import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { actionsOf, camPolicy, partsOf } from "../../../operations/permissions/policy";
import { renderPermissions } from "../../../operations/permissions/docs";
import { isAllowed, callerPolicySchema } from "../../../lab/cloud/permissions";
import { planHaving, planOf } from "../plan/fixture";

const root = resolve(__dirname, "../../..");

/** What the newest provider was seen to call, in the lives of our stacks and of test/cloud/program. */
const recorded = [
  ...new Set(
    readFileSync(join(root, "test/data/provider-1.83.25/calls.jsonl"), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => {
        const { service, action } = JSON.parse(line) as { service: string; action: string };
        return `${service}:${action}`;
      }),
  ),
];

/** Of those, what only test/cloud/program has: tables of routes, a route that is switched off, roles, targets bound to a listener, an EIP on a HAVIP. */
const ofOthers =
  /^(cam|api):|RouteTable|:DisableRoutes$|:(Describe|Register|Deregister)Targets$|:ModifyTargetWeight$|:HaVip(Dis)?[Aa]ssociate/;

test("docs/permissions.md is up to date: run `npx tsx operations/permissions/docs.ts`", () => {
  expect(readFileSync(join(root, "docs/permissions.md"), "utf8")).toBe(renderPermissions());
});

test("whatever the newest provider was seen to call for us is allowed", () => {
  const all = actionsOf(["cluster", "natGateway", "haVip", "loadBalancer", "privateZone"]);
  const ours = recorded.filter(
    (action) => action === "vpc:DescribeRouteTables" || !ofOthers.test(action),
  );
  expect(ours.length).toBeGreaterThan(50);
  expect(ours.filter((action) => !all.includes(action))).toEqual([]);
});

test("a stack's policy has what its entry takes, and nothing of another entry's", () => {
  expect(partsOf(planOf())).toEqual(["cluster", "haVip"]);
  expect(partsOf(planHaving({ entry: { kind: "nodeLocal" } }))).toEqual(["cluster"]);
  expect(partsOf(planHaving({ sources: {} }))).toEqual(["cluster", "natGateway", "haVip"]);
  const parts = partsOf(planHaving({ entry: { kind: "clb" } }));
  expect(parts.sort()).toEqual(["cluster", "loadBalancer", "privateZone"]);
  // Looked for in any case: an orphan may be of the entry before this one.
  expect(actionsOf(parts).filter((action) => action.includes("HaVip"))).toEqual([
    "vpc:DescribeHaVips",
  ]);
});

test("the policy is one that the local cloud judges callers by, and allows no wildcard", () => {
  const policy = callerPolicySchema.parse(camPolicy(["cluster"]));
  expect(isAllowed(policy, "cvm:RunInstances")).toBe(true);
  expect(isAllowed(policy, "cvm:ResetInstance")).toBe(false);
  expect(isAllowed(policy, "cam:CreateUser")).toBe(false);
  expect(JSON.stringify(policy.statement[0]?.action)).not.toContain("*");
});
