import { chargeTypes } from "../plan/charge";
import { chargeWords } from "./charge";
import type { CloudDemand, HostDemand } from "./demand";
import type { Answer, CloudFacts } from "./facts";
import { failed, type Finding, isPermission, ok, refusedFinding } from "./finding";
import { networkFindings } from "./network";
import { quotaFindings } from "./quotas";

/**
 * Judges what the cloud said: pure. Only what is still to be made is judged, so that a living cluster is not kept from a change by
 * an image or an instance type that is no longer sold.
 * @returns Everything that was checked, in the order it is read.
 */
export function judge(demand: CloudDemand, facts: CloudFacts): Finding[] {
  const { identity } = facts;
  if ("refused" in identity && !isPermission(identity.refused.code)) {
    // Everything else would say the same.
    return [refusedFinding("credentials", identity.refused, "failed")];
  }
  const missing = missingHosts(demand, facts);
  const offered = [
    ...zoneFindings(demand, facts),
    ...instanceTypeFindings(missing, facts),
    ...diskFindings(demand, missing, facts),
    ...imageFindings(missing, facts),
  ];
  return [
    "value" in identity
      ? ok("credentials", `${identity.value.arn} of account ${identity.value.account}`)
      : refusedFinding("credentials", identity.refused, "warning"),
    ...permissionFindings(facts),
    ...nameFindings(demand, facts),
    ...offered,
    ...networkFindings(demand, missing, facts),
    ...quotaFindings(demand, missing, facts),
    ...stockFindings(
      facts,
      offered.some(({ result }) => result === "failed"),
    ),
  ];
}

/** Hosts that are not there yet; all of them when that could not be asked. */
function missingHosts(demand: CloudDemand, { hosts }: CloudFacts): HostDemand[] {
  const present = new Set("value" in hosts ? hosts.value : []);
  return demand.hosts
    .map((host) => ({ ...host, names: host.names.filter((name) => !present.has(name)) }))
    .filter(({ names }) => names.length > 0);
}

/** What the provider asks on every run: without these nothing works, whatever the preflight thinks. */
function permissionFindings(facts: CloudFacts): Finding[] {
  const needed: Answer<unknown>[] = [
    facts.hosts,
    facts.dataDisks,
    facts.addresses,
    facts.securityGroups,
    facts.keyPairs,
    facts.placementGroups,
    facts.vpcs,
    facts.images,
  ];
  const refused = needed.flatMap((each) => ("refused" in each ? [each.refused] : []));
  return refused.map((each) => refusedFinding(`permission ${each.action}`, each, "failed"));
}

/**
 * Whether a new cluster's name is free. Most resources can be had twice, so nothing would stop a second one of the name before key pair or role do; and each
 * of the two would be taken for the other's, by snapshots and orphans.
 */
function nameFindings(
  { cluster, keyPair, isNew }: CloudDemand,
  { keyPairs }: CloudFacts,
): Finding[] {
  if (isNew !== true || "refused" in keyPairs) return [];
  const check = `name ${cluster}`;
  return keyPairs.value.includes(keyPair)
    ? [
        failed(
          check,
          `key pair ${keyPair} is there, and this stack has made nothing: another stack has a cluster of this name, or this stack's state is lost or another backend's`,
          "Give each cluster of an account a name of its own, or go on with the state that knows this one: docs/guides/environments.md",
        ),
      ]
    : [ok(check, "no other cluster has it")];
}

function zoneFindings(demand: CloudDemand, { zones }: CloudFacts): Finding[] {
  if ("refused" in zones) return [refusedFinding("zones", zones.refused, "warning")];
  return demand.zones.map((zone) => {
    const found = zones.value.find((each) => each.zone === zone);
    const check = `zone ${zone}`;
    if (found?.available === true) return ok(check, "available");
    const others = zones.value.filter(({ available }) => available).map((each) => each.zone);
    return failed(
      check,
      found === undefined ? "is not in the region" : "is not available",
      `Use one of ${others.join(", ")} in network.zones, or set TENCENTCLOUD_REGION to its region`,
    );
  });
}

/** How an instance type is sold that is paid for in a way, and what else to choose where it is not. */
const sold = {
  hourly: { how: "", fix: "" },
  spot: { how: " as spot", fix: ", or another kind of charge," },
  prepaid: { how: " prepaid", fix: ", or another kind of charge," },
} as const;

function instanceTypeFindings(missing: HostDemand[], { instanceTypes }: CloudFacts): Finding[] {
  if ("refused" in instanceTypes)
    return [refusedFinding("instance types", instanceTypes.refused, "warning")];
  const kinds = new Map(
    missing.map((host) => [
      `${host.instanceType} in ${host.zone}${sold[host.charge.kind].how}`,
      host,
    ]),
  );
  return [...kinds].map(([kind, { zone, instanceType, charge }]) => {
    const check = `instance type ${kind}`;
    const found = instanceTypes.value.find(
      (offer) =>
        offer.zone === zone &&
        offer.name === instanceType &&
        offer.charge === chargeTypes[charge.kind],
    );
    if (found?.available === true) return ok(check, "for sale");
    const fix = `Choose another instance type or zone${sold[charge.kind].fix} in the configuration`;
    return found === undefined
      ? failed(check, "does not exist there", fix)
      : failed(check, `is sold out${found.reason === undefined ? "" : `: ${found.reason}`}`, fix);
  });
}

function diskFindings(
  demand: CloudDemand,
  missing: HostDemand[],
  { disks, dataDisks }: CloudFacts,
): Finding[] {
  if ("refused" in disks) return [refusedFinding("disk types", disks.refused, "warning")];
  const present = new Set("value" in dataDisks ? dataDisks.value : []);
  const wanted = [
    ...missing.map(({ zone, systemDisk }) => ({ zone, ...systemDisk, usage: "SYSTEM_DISK" })),
    ...demand.dataDisks
      .filter(({ names }) => names.some((name) => !present.has(name)))
      .map(({ zone, type, sizeGiB }) => ({ zone, type, sizeGiB, usage: "DATA_DISK" })),
  ];
  const kinds = new Map(wanted.map((disk) => [JSON.stringify(disk), disk]));
  return [...kinds.values()].map(({ zone, type, sizeGiB, usage }) => {
    const what = usage === "SYSTEM_DISK" ? "system disk" : "data disk";
    const check = `${what} ${type} of ${sizeGiB} GiB in ${zone}`;
    const found = disks.value.find(
      (offer) => offer.zone === zone && offer.name === type && offer.usage === usage,
    );
    if (found?.available !== true) {
      const state = found === undefined ? "does not exist there" : "is sold out";
      return failed(check, state, "Choose another disk type or zone in the configuration");
    }
    return sizeGiB >= found.minGiB && sizeGiB <= found.maxGiB
      ? ok(check, "for sale")
      : failed(
          check,
          `comes with ${found.minGiB} to ${found.maxGiB} GiB`,
          "Choose a size in that range in the configuration",
        );
  });
}

function imageFindings(missing: HostDemand[], { images }: CloudFacts): Finding[] {
  if ("refused" in images) return [];
  const kinds = new Map(missing.map((host) => [`${host.imageId} ${host.architecture}`, host]));
  return [...kinds.values()].map(({ imageId, architecture }) => {
    const check = `image ${imageId}`;
    const fix = "Set imageId to a Debian 12 image of the region";
    const found = images.value.find(({ id }) => id === imageId);
    if (found === undefined) return failed(check, "there is no such image in the region", fix);
    if (found.state !== "NORMAL") return failed(check, `is in state ${found.state}`, fix);
    const expected = { amd64: "x86_64", arm64: "arm64" }[architecture];
    return found.architecture === expected
      ? ok(check, found.name)
      : failed(check, `is for ${found.architecture}, the hosts are ${architecture}`, fix);
  });
}

/** @param told Something is not on offer, and has been said to be: orders refused for that say nothing new. */
function stockFindings({ stock }: CloudFacts, told: boolean): Finding[] {
  const news = stock.filter(
    ({ order }) => !told || "value" in order || !/^(Invalid|Resource)/.test(order.refused.code),
  );
  return news.map(({ hosts, order }) => {
    const { instanceType, zone, names, charge } = hosts;
    const check = `order ${names.length} x ${instanceType} in ${zone}${chargeWords(charge)}`;
    const who = names.length > 3 ? `${names.slice(0, 3).join(", ")}, ...` : names.join(", ");
    return "value" in order
      ? ok(check, `can be had (${who})`)
      : refusedFinding(check, order.refused, "failed");
  });
}
