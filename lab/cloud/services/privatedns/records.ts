import type { BaseRecord } from "../../records";

/** A private domain, answered inside the VPCs it is bound to. */
export interface PrivateZoneRecord extends BaseRecord {
  domain: string;
  remark: string;
  vpcs: { vpcId: string; region: string }[];
  /** Names the zone does not have are asked of the public DNS. */
  forward: boolean;
  cnameSpeedup: boolean;
  updatedAt: string;
}

export interface PrivateRecordRecord extends BaseRecord {
  zoneId: string;
  /** Name under the domain; `@` is the domain itself. */
  subDomain: string;
  type: RecordType;
  value: string;
  /** Seconds. */
  ttl: number;
  /** Preference of a mail exchanger; 0 for other types. */
  mx: number;
  /** Share of answers among records of one name, 1 to 100; 0 = none. */
  weight: number;
  enabled: boolean;
  remark: string;
  updatedAt: string;
}

export const recordTypes = ["A", "AAAA", "CNAME", "MX", "TXT", "PTR"] as const;
export type RecordType = (typeof recordTypes)[number];
