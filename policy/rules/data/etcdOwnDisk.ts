import { etcdDiskFault } from "../../../components/plan/rules/disks";
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
    "Every etcd member has a data disk of its own, of a type and size that are fast enough.",
  level: "mandatory",
  why:
    "etcd waits for its log to be on the disk with every write. Beside images and logs on the system disk, or on a slow " +
    "type, that takes so long that leaders are taken for dead; and a system disk goes with its instance.",
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
      const own = [...(disks.get(urn) ?? []), ...list(props.dataDisks).map(inlineDisk)];
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
}

function judgeDisk({ type, size }: Disk, minimumGiB: number): Finding[] {
  if (isUnknown(type) || isUnknown(size)) {
    const message =
      "type or size of the data disk of the etcd member are known only after the update";
    return [{ message, fix: "Write them down in the program", undecided: true }];
  }
  const fault = etcdDiskFault(text(type) ?? "no type");
  const gib = number(size) ?? 0;
  return [
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

function inlineDisk(disk: unknown): Disk {
  const { dataDiskType, dataDiskSize }: Props = object(disk);
  return { type: dataDiskType, size: dataDiskSize };
}

/** Disks of the stack, by the URN of the instance they are attached to. */
function disksByInstance(stack: Stack): Map<string, Disk[]> {
  const disks = new Map<string, Disk[]>();
  for (const attachment of stack.of("diskAttachment")) {
    const [instance] = stack.sources(attachment, "instanceId", "instance");
    const [disk] = stack.sources(attachment, "storageId", "disk");
    if (instance === undefined || disk === undefined) continue;
    disks.set(instance.urn, [...(disks.get(instance.urn) ?? []), diskOf(disk)]);
  }
  return disks;
}

function diskOf({ props }: Resource): Disk {
  return { type: props.storageType, size: props.storageSize };
}
