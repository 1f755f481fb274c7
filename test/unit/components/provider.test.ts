import * as pulumi from "@pulumi/pulumi";
import {
  associateHaVip,
  checkProvider,
  haVipExtras,
  instancePlacement,
  placementGroupExtras,
} from "../../../components/provider";
import { planHaving } from "../plan/fixture";
import { record, settled } from "./support/recording";

const [old, newest] = ["1.81.90", "1.83.25"];
const group = {
  role: "etcd" as const,
  name: "prod-etcd",
  type: "HOST" as const,
  affinity: 1 as const,
  members: [],
  tags: { a: "b" },
};

test("an old provider gets what it knows", () => {
  expect(placementGroupExtras(group, old)).toEqual({});
  expect(instancePlacement("ps-1", old)).toEqual({ placementGroupId: "ps-1" });
  expect(haVipExtras(old)).toEqual({});
});

test("a new one gets what is better", () => {
  expect(placementGroupExtras(group, newest)).toEqual({ affinity: 1, tags: { a: "b" } });
  expect(instancePlacement("ps-1", newest)).toEqual({ disasterRecoverGroupIds: ["ps-1"] });
  expect(haVipExtras(newest)).toEqual({ checkAssociate: true });
});

test("encrypted system disks are refused with a provider that cannot ask for them, and with no other", () => {
  const { config } = planHaving({ host: { encryptSystemDisks: true } });
  expect(() => checkProvider(config, old)).toThrow(
    "1. host.encryptSystemDisks: got true, but provider 1.81.90 cannot ask for it. Use provider 1.83.25 or later, or leave it out.",
  );
  expect(() => checkProvider(config, newest)).not.toThrow();
  expect(() => checkProvider(planHaving({}).config, old)).not.toThrow();
});

test("an instance without a group is in none", () => {
  expect(instancePlacement(undefined, old)).toEqual({});
  expect(instancePlacement(undefined, newest)).toEqual({});
});

test("where a HAVIP is kept to associated instances, the balancers are associated", async () => {
  const registered = await record();
  const args = { haVipId: "havip-1", instanceId: "ins-1" };
  expect(associateHaVip("x", args, {}, old)).toBeUndefined();
  expect(associateHaVip("x", args, {}, newest)).toBeInstanceOf(pulumi.CustomResource);
  await settled(registered);
  expect(registered.map(({ inputs }) => inputs)).toEqual([{ ...args, instanceType: "CVM" }]);
});
