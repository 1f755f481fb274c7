import type { PrivateRecordSpec, PrivateZoneSpec } from "../privateZone";

/** What a resolver tells of a name: records, that there are none, or that it could not find out. */
export interface NameAnswer {
  code: "NOERROR" | "NXDOMAIN" | "SERVFAIL";
  /** With the full name each belongs to: a CNAME leads from one to another. */
  records: (PrivateRecordSpec & { owner: string })[];
  /** Domain of the zone that says there is nothing. */
  authority?: string;
}

/** CNAMEs of private zones that are followed, at most. */
const longestChain = 8;

/**
 * Answers a question as the resolver of a VPC does: from the bound zone with the longest matching domain. A name it has no record of is asked of
 * the public DNS when the zone says so, like every name outside of all zones; nobody in the lab reaches that: SERVFAIL.
 *
 * @param pick a number from 0 up to, not including, its argument: which of weighted records is told.
 */
export function answerName(
  zones: readonly PrivateZoneSpec[],
  vpcId: string,
  question: { name: string; type: PrivateRecordSpec["type"] | undefined },
  pick: (below: number) => number,
): NameAnswer {
  const records: NameAnswer["records"] = [];
  let name = normal(question.name);
  for (let hop = 0; hop <= longestChain; hop++) {
    const zone = zoneOf(zones, vpcId, name);
    // What a CNAME leads to outside of all zones is for the one who asks to look up.
    if (!zone) return { code: records.length > 0 ? "NOERROR" : "SERVFAIL", records };
    const owned = recordsOf(zone, name);
    if (owned.length === 0) {
      if (zone.forward) return { code: records.length > 0 ? "NOERROR" : "SERVFAIL", records };
      return { code: "NXDOMAIN", records, authority: zone.domain };
    }
    const owner = name;
    const wanted = owned.filter(({ type }) => type === question.type);
    if (wanted.length > 0) {
      const told = weighed(wanted, pick).map((each) => ({ ...each, owner }));
      return { code: "NOERROR", records: [...records, ...told] };
    }
    const alias = owned.find(({ type }) => type === "CNAME");
    if (!alias) return { code: "NOERROR", records, authority: zone.domain };
    records.push({ ...alias, owner });
    name = normal(alias.value);
  }
  return { code: "SERVFAIL", records: [] };
}

const normal = (name: string): string => name.toLowerCase().replace(/\.$/, "");

function zoneOf(
  zones: readonly PrivateZoneSpec[],
  vpcId: string,
  name: string,
): PrivateZoneSpec | undefined {
  return zones
    .filter(({ vpcIds, domain }) => vpcIds.includes(vpcId) && isWithin(name, normal(domain)))
    .sort((a, b) => b.domain.length - a.domain.length)[0];
}

const isWithin = (name: string, domain: string): boolean =>
  name === domain || name.endsWith(`.${domain}`);

/** Records of a name; without any, those of the nearest wildcard. */
function recordsOf(zone: PrivateZoneSpec, name: string): PrivateRecordSpec[] {
  const domain = normal(zone.domain);
  const labels = name === domain ? [] : name.slice(0, -domain.length - 1).split(".");
  const named = (sub: string): PrivateRecordSpec[] =>
    zone.records.filter((record) => record.name.toLowerCase() === sub);
  const own = named(labels.join(".") || "@");
  if (own.length > 0) return own;
  for (let cut = 1; cut <= labels.length; cut++) {
    const wild = named(["*", ...labels.slice(cut)].join("."));
    if (wild.length > 0) return wild;
  }
  return [];
}

function weighed(
  records: PrivateRecordSpec[],
  pick: (below: number) => number,
): PrivateRecordSpec[] {
  const total = records.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0) return records;
  let left = pick(total);
  return records.filter(({ weight }) => {
    const isPicked = left >= 0 && left < weight;
    left -= weight;
    return isPicked;
  });
}
