import { layout, keyPlace, memberOffset, memberRoom } from "../addresses";
import { parseCidr } from "../cidr";
import { reservedPools } from "../names";
import { type Problem } from "../problems";
import { type ReadSections } from "../parse";

type Workers = NonNullable<ReadSections["workers"]>;

/** Worker pools: each name once and none of a role's, labels a node may give itself, an image of its architecture, no two pools on the same addresses. */
export function workerProblems({
  network,
  workers,
  architecture,
  imageId,
}: ReadSections): Problem[] {
  if (workers === undefined) return [];
  return [
    ...nameProblems(workers),
    ...labelProblems(workers),
    ...imageProblems(workers, { architecture, imageId }),
    ...(network === undefined ? [] : addressProblems(workers, network)),
  ];
}

function nameProblems(workers: Workers): Problem[] {
  return workers.flatMap(({ pool }, index) => {
    const path = `workers.${index}.pool`;
    if (reservedPools.some((reserved) => reserved === pool)) {
      const message = `got "${pool}", which is the pool of a role`;
      return [{ path, message, fix: `Use another name than ${reservedPools.join(", ")}` }];
    }
    if (workers.findIndex((other) => other.pool === pool) !== index) {
      const message = `pool "${pool}" is there twice`;
      return [{ path, message, fix: "Give every pool a name of its own" }];
    }
    return [];
  });
}

/** Label prefixes under Kubernetes' own domains that a kubelet may set; with any other it refuses to start. */
const ownLabelPrefixes = ["node.kubernetes.io/", "kubelet.kubernetes.io/"];

function labelProblems(workers: Workers): Problem[] {
  return workers.flatMap(({ labels }, index) =>
    Object.keys(labels)
      .filter((key) => /(^|\.)(kubernetes|k8s)\.io\//.test(key))
      .filter((key) => !ownLabelPrefixes.some((prefix) => key.startsWith(prefix)))
      .map((key) => ({
        path: `workers.${index}.labels`,
        message: `got label ${key}, which no node may give itself`,
        fix: `Use a domain of your own, or ${ownLabelPrefixes.join(" or ")}`,
      })),
  );
}

/** An image is of one architecture. */
function imageProblems(
  workers: Workers,
  all: Pick<ReadSections, "architecture" | "imageId">,
): Problem[] {
  if (all.architecture === undefined) return [];
  return workers.flatMap(({ pool, architecture, imageId }, index) => {
    if (architecture === undefined || architecture === all.architecture) return [];
    if (imageId !== undefined && imageId !== all.imageId) return [];
    const message = `pool "${pool}" is ${architecture}, and its image that of all hosts, which are ${all.architecture}`;
    const fix = `Set it to the id of an image for ${architecture}`;
    return [{ path: `workers.${index}.imageId`, message, fix }];
  });
}

function addressProblems(
  workers: Workers,
  network: NonNullable<ReadSections["network"]>,
): Problem[] {
  const taken = new Map<string, string>();
  const problems: Problem[] = [];
  workers.forEach((pool, index) => {
    const path = `workers.${index}.addressBlock`;
    let clash: string | undefined;
    let outside: string | undefined;
    for (const member of pool.members) {
      const zone = member.zone ?? pool.zone ?? network.zones[0]?.zone;
      const subnet = network.zones.find((candidate) => candidate.zone === zone);
      if (subnet === undefined) continue;
      const { size } = parseCidr(subnet.subnetCidr);
      if (keyPlace(member.key) > memberRoom("worker", size, pool.addressBlock)) {
        outside ??= `${subnet.subnetCidr} has no address for worker "${member.key}" of block ${pool.addressBlock}`;
        continue;
      }
      const place = `${zone}/${memberOffset("worker", member.key, pool.addressBlock)}`;
      const owner = taken.get(place);
      if (owner === undefined) taken.set(place, pool.pool);
      else if (owner !== pool.pool) clash ??= owner;
    }
    if (outside !== undefined) {
      problems.push({ path, message: outside, fix: "Use a larger subnet, or a lower block" });
    }
    if (clash !== undefined) {
      const message = `got ${pool.addressBlock}, whose addresses pool "${clash}" has`;
      const fix = `Use another block; each has ${layout.worker.blockSize} addresses, and a pool may grow over several`;
      problems.push({ path, message, fix });
    }
  });
  return problems;
}
