import { etcdDiskFault } from "../../../components/plan/rules/disks";
import { chargeFault } from "../../../components/plan/rules/staying";
import { membersByCluster } from "../../facts/instances";
import { type Resource, type Stack } from "../../facts/stack";
import { isUnknown, list, number, object, type Props, text } from "../../facts/values";
import { type Finding, type Rule } from "../rule";

interface Parameters {
  /** Least size in GiB. */
  minimumGiB: number;
}

/** Looks for the data disk of every etcd member: one that is attached to it, or one it is made with. */
export const etcdOwnDisk: Rule<Parameters> = {
  id: "data-etcd-own-disk",
  description:
    "Every etcd member has a data disk of its own that stays without its instance, of a type and size that are fast enough.",
  level: "mandatory",
  why:
    "etcd waits for its log to be on the disk with every write. Beside images and logs on the system disk, or on a slow " +
    "type, that takes so long that leaders are taken for dead. A disk that goes with its instance, or with its prepaid time, takes the data along.",
  source:
    'etcd, "Hardware recommendations: Disks" (fdatasync under 10 ms); Tencent Cloud CBS, document 362/2353',
  fix: "Attach a CLOUD_HSSD data disk to the member",
  scope: "stack",
  parameters: {
    minimumGiB: {
      type: "integer",
      minimum: 10,
      default: 50,
      description: "Least size of the disk in GiB. The throughput of a type grows with it.",
    },
  },
  judge: (stack, { minimumGiB }) => {
    const disks = stack.facts(disksByInstance);
    return [...membersByCluster(stack, "etcd").values()].flat().flatMap(({ resource }) => {
      const { urn, props } = resource;
      const own = [
        ...(disks.get(urn) ?? []),
        ...list(props.dataDisks).map((disk) => inlineDisk(disk, props)),
      ];
      if (own.length === 0) {
        return [{ message: "the etcd member has no data disk of its own", urn }];
      }
      // One good disk is enough: what else is attached is no business of etcd's.
      const findings = own.map((disk) => judgeDisk(disk, minimumGiB));
      return findings.some((found) => found.length === 0)
        ? []
        : findings.flat().map((finding) => ({ ...finding, urn }));
    });
  },
};

interface Disk {
  type: unknown;
  size: unknown;
  /** How it is charged, and what happens at the end of a prepaid time. */
  charge: unknown;
  renewal: unknown;
  /** Whether it is deleted with its instance. */
  goesAlong: unknown;
  /** Whether another instance has it as well. */
  shared: boolean;
}

function judgeDisk(disk: Disk, minimumGiB: number): Finding[] {
  const { type, size, charge, renewal, goesAlong, shared } = disk;
  if (Object.values(disk).some(isUnknown)) {
    const message =
      "type, size or end of the data disk of the etcd member are known only after the update";
    return [{ message, fix: "Write them down in the program", undecided: true }];
  }
  const ends = chargeFault({ type: text(charge), renewal: text(renewal) });
  const fault = etcdDiskFault(text(type) ?? "no type");
  const gib = number(size) ?? 0;
  return [
    ...(shared
      ? [
          {
            message: "the data disk of the etcd member is attached to another instance as well",
            fix: "Make a disk for each member",
          },
        ]
      : []),
    ...(goesAlong === true
      ? [
          {
            message: "the data disk of the etcd member is deleted with its instance",
            fix: "Make it a disk of its own and attach it, or set deleteWithInstance to false",
          },
        ]
      : []),
    ...(ends === undefined
      ? []
      : [{ message: `the data disk of the etcd member ${ends.message}`, fix: ends.fix }]),
    ...(fault === undefined
      ? []
      : [{ message: `the data disk of the etcd member: ${fault.message}`, fix: fault.fix }]),
    ...(gib >= minimumGiB
      ? []
      : [
          {
            message: `the data disk of the etcd member has ${gib} GiB, less than ${minimumGiB}`,
            fix: `Use ${minimumGiB} GiB or more`,
          },
        ]),
  ];
}

/** A disk that an instance is made with: unless told otherwise it goes with it, with one that is prepaid only if told so. */
function inlineDisk(disk: unknown, instance: Props): Disk {
  const { dataDiskType, dataDiskSize, deleteWithInstance, deleteWithInstancePrepaid }: Props =
    object(disk);
  const charge = instance.instanceChargeType;
  return {
    ...{ type: dataDiskType, size: dataDiskSize, charge },
    renewal: instance.instanceChargeTypePrepaidRenewFlag,
    shared: false,
    goesAlong:
      charge === "PREPAID" ? (deleteWithInstancePrepaid ?? false) : (deleteWithInstance ?? true),
  };
}

/** Disks of the stack, by the URN of the instance they are attached to. */
function disksByInstance(stack: Stack): Map<string, Disk[]> {
  const attached = stack.of("diskAttachment").flatMap((attachment) => {
    const [instance] = stack.sources(attachment, "instanceId", "instance");
    const [disk] = stack.sources(attachment, "storageId", "disk");
    return instance === undefined || disk === undefined ? [] : [{ instance: instance.urn, disk }];
  });
  const disks = new Map<string, Disk[]>();
  for (const { instance, disk } of attached) {
    const shared = attached.some((other) => other.disk === disk && other.instance !== instance);
    disks.set(instance, [...(disks.get(instance) ?? []), { ...diskOf(disk), shared }]);
  }
  return disks;
}

function diskOf({ props }: Resource): Omit<Disk, "shared"> {
  const { storageType: type, storageSize: size, chargeType: charge, prepaidRenewFlag } = props;
  return { type, size, charge, renewal: prepaidRenewFlag, goesAlong: false };
}
