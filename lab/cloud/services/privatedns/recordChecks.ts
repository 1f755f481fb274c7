import { isIPv4, isIPv6 } from "node:net";

import { ApiError } from "../../errors";
import type { Store } from "../../store";
import { recordTypes, type PrivateRecordRecord, type RecordType } from "./records";

/** What a record says, as far as there are rules for it. */
export type RecordContent = Pick<
  PrivateRecordRecord,
  "zoneId" | "subDomain" | "type" | "value" | "ttl" | "mx" | "weight"
>;

const maxTtlSeconds = 86_400;
const mxPreferences = [5, 10, 15, 20, 30, 40, 50];
const name =
  /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\.?$/i;

const valueRules: Record<RecordType, { holds: (value: string) => boolean; what: string }> = {
  A: { holds: isIPv4, what: "an IPv4 address" },
  AAAA: { holds: isIPv6, what: "an IPv6 address" },
  CNAME: { holds: (value) => name.test(value), what: "a domain name" },
  MX: { holds: (value) => name.test(value), what: "a domain name" },
  PTR: { holds: (value) => name.test(value), what: "a domain name" },
  TXT: { holds: (value) => value !== "" && value.length <= 512, what: "1 to 512 characters" },
};

/** @throws ApiError `InvalidParameter.IllegalRecord` */
export function recordType(value: string): RecordType {
  const type = recordTypes.find((each) => each === value);
  if (!type) {
    throw new ApiError(
      "InvalidParameter.IllegalRecord",
      `RecordType is '${value}', it must be one of ${recordTypes.join(", ")}.`,
    );
  }
  return type;
}

/**
 * @param ownId The record that is changed; it does not stand in its own way.
 * @throws ApiError naming the first rule the record breaks.
 */
export function checkRecord(store: Store, record: RecordContent, ownId?: string): void {
  const { subDomain, type, value } = record;
  if (subDomain !== "@" && !name.test(subDomain.replace(/^\*\./, "").replace(/^\*$/, "any"))) {
    throw new ApiError("InvalidParameter.IllegalRecord", `SubDomain '${subDomain}' is no name.`);
  }
  const rule = valueRules[type];
  if (!rule.holds(value)) {
    throw new ApiError(
      "InvalidParameter.IllegalRecordValue",
      `RecordValue is '${value}', a record of type ${type} takes ${rule.what}.`,
    );
  }
  if (record.ttl < 1 || record.ttl > maxTtlSeconds) {
    throw new ApiError(
      "InvalidParameterValue.IllegalTTLValue",
      `TTL is ${record.ttl}, it must be 1 to ${maxTtlSeconds} seconds.`,
    );
  }
  checkMx(record);
  if (record.weight !== 0 && !["A", "AAAA", "CNAME"].includes(type)) {
    throw new ApiError(
      "InvalidParameter.RecordUnsupportWeight",
      `A record of type ${type} has no weight.`,
    );
  }
  if (record.weight < 0 || record.weight > 100) {
    throw new ApiError("InvalidParameterValue", `Weight is ${record.weight}, it must be 1 to 100.`);
  }
  checkNeighbours(store, record, ownId);
}

function checkMx({ type, mx }: RecordContent): void {
  if (type === "MX" && !mxPreferences.includes(mx)) {
    throw new ApiError(
      "InvalidParameter.InvalidMX",
      `MX is ${mx}, it must be one of ${mxPreferences.join(", ")}.`,
    );
  }
  if (type !== "MX" && mx !== 0) {
    throw new ApiError("InvalidParameter.MXNotSupported", `A record of type ${type} has no MX.`);
  }
}

/** A name has a CNAME or other records, and no record twice. */
function checkNeighbours(store: Store, record: RecordContent, ownId: string | undefined): void {
  const { subDomain, type, value } = record;
  const neighbours = store.tables.privateRecords
    .list()
    .filter((each) => each.zoneId === record.zoneId && each.id !== ownId)
    .filter((each) => each.subDomain === subDomain);
  const same = neighbours.find((each) => each.type === type && each.value === value);
  if (same) {
    throw new ApiError(
      "InvalidParameter.RecordExist",
      `${subDomain} has the ${type} record '${value}' already: ${same.id}.`,
    );
  }
  const rival = neighbours.find((each) => (each.type === "CNAME") !== (type === "CNAME"));
  if (rival) {
    throw new ApiError(
      "InvalidParameter.RecordConflict",
      `${subDomain} has a ${rival.type} record (${rival.id}): a CNAME stands alone.`,
    );
  }
}
