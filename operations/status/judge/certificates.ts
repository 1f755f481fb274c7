import { endWarnings } from "../../../components/pki/ends";
import { type Facts, lookOf } from "../facts";
import type { Finding } from "./finding";

/** Certificates by their ends, in days from now. */
export interface CertificateStatus {
  /** The first authority, and the administrator's certificate. */
  authorityDays: number;
  administratorDays: number;
  /** The first of those that hosts renew; null where no host tells. */
  leaf: { host: string; path: string; days: number } | null;
}

const daySeconds = 24 * 60 * 60;

interface Leaf {
  host: string;
  path: string;
  /** In seconds. */
  left: number;
  valid: number;
}

function leavesOf(facts: Facts): Leaf[] {
  const now = facts.at.getTime() / 1000;
  return facts.outputs.nodes.flatMap(({ name }) =>
    (lookOf(facts, name)?.certificates ?? []).map(({ path, from, to }) => ({
      ...{ host: name, path, left: to - now, valid: to - from },
    })),
  );
}

export function certificateStatus(facts: Facts): CertificateStatus {
  const { authorities, administrator } = facts.outputs.certificateEnds;
  const until = (end: string): number =>
    Math.floor((Date.parse(end) - facts.at.getTime()) / daySeconds / 1000);
  const [first] = leavesOf(facts).sort((a, b) => a.left - b.left);
  return {
    authorityDays: until(authorities),
    administratorDays: until(administrator),
    leaf: first
      ? { host: first.host, path: first.path, days: Math.floor(first.left / daySeconds) }
      : null,
  };
}

/** Share of its validity that a certificate has left at least, as long as its renewal works: hosts renew at half, a kubelet its own at 10 to 30 %. */
const leastLeft = ({ path }: Leaf): number => (path.startsWith("/var/lib/kubelet/") ? 0.08 : 1 / 3);

export function certificateFindings(facts: Facts): Finding[] {
  return [
    ...endWarnings(facts.outputs.certificateEnds, facts.at).map((problem) => ({
      of: "certificates",
      problem,
    })),
    ...leavesOf(facts)
      .filter((leaf) => leaf.left < leastLeft(leaf) * leaf.valid)
      .map(({ host, path, left }) => ({
        of: host,
        problem:
          left <= 0
            ? `${path} has ended`
            : `${path} ends in ${inWords(left)} and has not been renewed`,
        act: "docs/runbooks/certificates.md",
      })),
  ];
}

const inWords = (seconds: number): string =>
  seconds < 2 * daySeconds
    ? `${Math.ceil(seconds / 60)} minutes`
    : `${Math.floor(seconds / daySeconds)} days`;
