import { membersStay as policy } from "../../../policy/rules/quorum/membersStay";
import { found, unknown } from "../judge";
import { compliantStack, named } from "../stack";

/** What is said of a stack whose host of a name has some inputs besides. */
function saidOf(name: string, props: object): string[] {
  const stack = compliantStack();
  Object.assign(named(stack, name).props, props);
  return found(policy, stack);
}

const spot = { instanceChargeType: "SPOTPAID", spotInstanceType: "ONE-TIME", spotMaxPrice: "0.1" };
const roles = ["etcd-1", "master-2", "balancer-1"];

test("nothing said is by the hour, and running", () => {
  expect(found(policy, compliantStack())).toEqual([]);
});

test.each(["POSTPAID_BY_HOUR", "CDHPAID", "CDCPAID"])("%s lasts", (instanceChargeType) => {
  expect(saidOf("etcd-1", { instanceChargeType, runningFlag: true })).toEqual([]);
});

test.each(roles)("%s on a spot instance is denied", (name) => {
  const role = name.slice(0, -2);
  expect(saidOf(name, spot)).toEqual([
    `${name}: a host of role ${role} is a spot instance, which the cloud takes back whenever it wants. ` +
      "Use one of POSTPAID_BY_HOUR, CDHPAID, CDCPAID, or PREPAID with NOTIFY_AND_AUTO_RENEW.",
  ]);
});

test("a bid alone makes one", () => {
  expect(saidOf("etcd-1", { spotMaxPrice: "0.1" })).toHaveLength(1);
  expect(saidOf("etcd-1", { spotInstanceType: "ONE-TIME" })).toHaveLength(1);
});

test("prepaid is as good as its renewal", () => {
  const prepaid = (flag?: string) =>
    saidOf("master-1", {
      instanceChargeType: "PREPAID",
      instanceChargeTypePrepaidRenewFlag: flag,
    });
  expect(prepaid("NOTIFY_AND_AUTO_RENEW")).toEqual([]);
  expect(prepaid("DISABLE_NOTIFY_AND_MANUAL_RENEW")).toEqual([
    "master-1: a host of role master is prepaid and ends with its time: renewal is DISABLE_NOTIFY_AND_MANUAL_RENEW. " +
      "Set the renewal to NOTIFY_AND_AUTO_RENEW, or charge by the hour.",
  ]);
  expect(prepaid()).toEqual([
    expect.stringContaining("renewal is NOTIFY_AND_MANUAL_RENEW, the default"),
  ]);
});

test("a type that nobody knows is denied", () => {
  expect(saidOf("etcd-1", { instanceChargeType: "UNDERWRITE" })).toEqual([
    expect.stringContaining("has charge type UNDERWRITE, which is none known to last"),
  ]);
});

test.each(roles)("%s that is to be stopped is denied", (name) => {
  expect(saidOf(name, { runningFlag: false })).toEqual([
    expect.stringContaining("is to be stopped, and counts all the same. Leave runningFlag out."),
  ]);
});

test("workers and the bastion may come and go", () => {
  for (const name of ["worker-1", "bastion-1"])
    expect(saidOf(name, { ...spot, runningFlag: false })).toEqual([]);
});

test.each(["instanceChargeType", "instanceChargeTypePrepaidRenewFlag", "runningFlag"])(
  "%s that is not known yet leaves it undecided",
  (input) => {
    expect(saidOf("etcd-1", { [input]: unknown })).toEqual([
      `etcd-1: cannot decide: ${input} of a host of role etcd is known only after the update. Write it down in the program.`,
    ]);
  },
);
