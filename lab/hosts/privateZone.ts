/** A private zone, as the resolver of the VPCs it is bound to answers it. */
export interface PrivateZoneSpec {
  domain: string;
  vpcIds: string[];
  /** Names the zone does not have are asked of the public DNS. */
  forward: boolean;
  records: PrivateRecordSpec[];
}

export interface PrivateRecordSpec {
  /** Under the zone's domain; `@` is the domain itself, a first label `*` any name that has no record of its own. */
  name: string;
  type: "A" | "AAAA" | "CNAME" | "MX" | "TXT" | "PTR";
  value: string;
  /** Seconds. */
  ttl: number;
  /** Preference of a mail exchanger; 0 for other types. */
  mx: number;
  /** Share of answers among records of one name and type; 0 for all of them: each answer holds every record. */
  weight: number;
}
