import { X509Certificate } from "node:crypto";

/** When what the program has issued ends, in UTC (ISO 8601). What hosts issue they renew themselves, and tell of on each host. */
export interface CertificateEnds {
  /** The first of the authorities of Kubernetes, etcd and the front proxy. All that they have issued ends with them. */
  authorities: string;
  /** The administrator's certificate, in the kubeconfig. */
  administrator: string;
}

const dayMs = 24 * 60 * 60 * 1000;

/** From how many days before its end one is warned of, and what to do then. */
const warnings: Record<keyof CertificateEnds, { days: number; what: string; fix: string }> = {
  authorities: {
    days: 365,
    what: "The cluster's first authority ends",
    fix: "plan its replacement: docs/runbooks/certificates.md",
  },
  administrator: {
    days: 60,
    what: "The administrator's certificate in the kubeconfig ends",
    fix: "change clientRotation, and hand out the kubeconfig anew",
  },
};

/** The soonest end of some certificates, PEM. */
export function soonestEnd(certificates: readonly string[]): string {
  const ends = certificates.map((crt) => Date.parse(new X509Certificate(crt).validTo));
  return new Date(Math.min(...ends)).toISOString();
}

/** What is to be said of certificates that end soon. */
export function endWarnings(ends: CertificateEnds, now: Date): string[] {
  return (Object.keys(warnings) as (keyof CertificateEnds)[]).flatMap((kind) => {
    const { days, what, fix } = warnings[kind];
    const left = Math.floor((Date.parse(ends[kind]) - now.getTime()) / dayMs);
    return left < days ? [`${what} on ${ends[kind].slice(0, 10)}, in ${left} days: ${fix}.`] : [];
  });
}
