import { etcdOwnDisk as policy } from "../../../policy/rules/data/etcdOwnDisk";
import { found, unknown } from "../judge";
import { compliantStack, named } from "../stack";

const unsaid = { dataDiskType: "CLOUD_HSSD", dataDiskSize: 50 };
const disk = { ...unsaid, deleteWithInstance: false };

function edited(change: (stack: ReturnType<typeof compliantStack>) => unknown) {
  const stack = compliantStack();
  change(stack);
  return found(policy, stack);
}
const without = (name: string) => compliantStack().filter((resource) => resource.name !== name);

test("members with a fast disk attached are allowed", () => {
  expect(found(policy, compliantStack())).toEqual([]);
});

test.each(["CLOUD_BSSD", "CLOUD_SSD", "CLOUD_HSSD", "CLOUD_TSSD"])("%s is fast", (type) => {
  expect(edited((stack) => (named(stack, "etcd-1-data").props.storageType = type))).toEqual([]);
});

test.each([
  ["CLOUD_PREMIUM", "got CLOUD_PREMIUM, whose writes take several ms; etcd elects a new leader"],
  ["CLOUD_BASIC", "got CLOUD_BASIC, whose writes take several ms"],
  ["LOCAL_BASIC", "got LOCAL_BASIC, which is no type known to be fast enough for etcd"],
  [undefined, "got no type, which is no type known"],
])("a disk of type %s is denied", (type, expected) => {
  expect(edited((stack) => (named(stack, "etcd-1-data").props.storageType = type))).toEqual([
    expect.stringContaining(`etcd-1: the data disk of the etcd member: ${expected}`),
  ]);
});

test.each([49, undefined])("a disk of %s GiB is denied", (size) => {
  expect(edited((stack) => (named(stack, "etcd-2-data").props.storageSize = size))).toEqual([
    `etcd-2: the data disk of the etcd member has ${size ?? 0} GiB, less than 50. Use 50 GiB or more.`,
  ]);
});

test("the least size may be set", () => {
  const stack = compliantStack();
  expect(found(policy, stack, { minimumGiB: 100 })).toEqual([]);
  expect(found(policy, stack, { minimumGiB: 110 })).toHaveLength(3);
});

test.each(["etcd-3-attachment", "etcd-3-data"])("without %s a member has none", (name) => {
  expect(found(policy, without(name))).toEqual([
    "etcd-3: the etcd member has no data disk of its own. Attach a CLOUD_HSSD data disk to the member.",
  ]);
});

test("a disk that the instance is made with will do", () => {
  const stack = without("etcd-3-attachment");
  named(stack, "etcd-3").props.dataDisks = [disk];
  expect(found(policy, stack)).toEqual([]);
  named(stack, "etcd-3").props.dataDisks = [{ ...disk, dataDiskType: "CLOUD_PREMIUM" }];
  expect(found(policy, stack)).toEqual([expect.stringContaining("got CLOUD_PREMIUM")]);
});

describe("a disk that does not stay is denied", () => {
  const inline = (data: object, instance: object = {}) => {
    const stack = without("etcd-3-attachment");
    Object.assign(named(stack, "etcd-3").props, { dataDisks: [data], ...instance });
    return found(policy, stack);
  };
  const goes = [
    "etcd-3: the data disk of the etcd member is deleted with its instance. Make it a disk of its own and attach it, or set deleteWithInstance to false.",
  ];
  const prepaid = {
    instanceChargeType: "PREPAID",
    instanceChargeTypePrepaidRenewFlag: "NOTIFY_AND_AUTO_RENEW",
  };

  test("with its instance, which is the default", () => {
    expect(inline({ ...unsaid, deleteWithInstance: true })).toEqual(goes);
    expect(inline(unsaid)).toEqual(goes);
    expect(inline(disk)).toEqual([]);
  });

  test("with a prepaid instance only if it says so", () => {
    expect(inline(unsaid, prepaid)).toEqual([]);
    expect(inline({ ...unsaid, deleteWithInstancePrepaid: true }, prepaid)).toEqual(goes);
  });

  test("with a prepaid time that nobody renews, its own or its instance's", () => {
    const ends = expect.stringContaining("ends with its time") as unknown;
    expect(inline(unsaid, { instanceChargeType: "PREPAID" })).toEqual([ends]);
    const own = (props: object) =>
      edited((stack) => Object.assign(named(stack, "etcd-1-data").props, props));
    expect(own({ chargeType: "PREPAID" })).toEqual([ends]);
    expect(own({ chargeType: "PREPAID", prepaidRenewFlag: "NOTIFY_AND_AUTO_RENEW" })).toEqual([]);
  });
});

test("one good disk is enough, whatever else is attached", () => {
  const slow = { ...disk, dataDiskType: "CLOUD_PREMIUM", dataDiskSize: 500 };
  expect(edited((stack) => (named(stack, "etcd-1").props.dataDisks = [slow]))).toEqual([]);
});

test("a second attached disk counts as well", () => {
  const stack = compliantStack();
  const attachment = structuredClone(named(stack, "etcd-2-attachment"));
  attachment.from = { instanceId: ["etcd-1"], storageId: ["etcd-1-data"] };
  stack.push({ ...attachment, name: "again" });
  named(stack, "etcd-1-data").props.storageType = "CLOUD_PREMIUM";
  expect(found(policy, stack)).toHaveLength(2);
});

test.each(["storageType", "storageSize", "chargeType", "prepaidRenewFlag"])(
  "a %s not known yet leaves it undecided",
  (input) => {
    expect(edited((stack) => (named(stack, "etcd-1-data").props[input] = unknown))).toEqual([
      "etcd-1: cannot decide: type, size or end of the data disk of the etcd member are known only after the update. " +
        "Write them down in the program.",
    ]);
  },
);

test("one disk is one member's", () => {
  const shared = edited((stack) => {
    named(stack, "etcd-2-attachment").from = { instanceId: ["etcd-2"], storageId: ["etcd-1-data"] };
  });
  const message =
    "the data disk of the etcd member is attached to another instance as well. Make a disk for each member.";
  expect(shared).toEqual([`etcd-1: ${message}`, `etcd-2: ${message}`]);
});

test("hosts of other roles need none", () => {
  const stack = compliantStack().filter(({ name }) => !name.startsWith("etcd"));
  expect(found(policy, stack)).toEqual([]);
});
