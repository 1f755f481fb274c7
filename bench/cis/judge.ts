import type { HostFacts } from "./facts";
import { items } from "./items";

/** What an item came to that is not right, and why that is taken. */
export interface Waiver {
  number: string;
  why: string;
}

/** Items that are not kept, with the reason. */
export const waivers: readonly Waiver[] = [
  {
    number: "1.1.12",
    why: "etcd is a static pod of kubeadm, which runs it as root; the directory is open to root alone (1.1.11), on a disk of its own",
  },
  {
    number: "1.2.5",
    why: "not yet: kubelets sign their serving certificates themselves (4.2.9), so there is no CA to check them against; only nodes reach a kubelet's port",
  },
  {
    number: "4.2.9",
    why: "not yet: nothing in the cluster approves requests for serving certificates, and logs and exec would fail until somebody does",
  },
  {
    number: "4.2.6 (1.8)",
    why: "only in the lab, whose hosts share the kernel of their machine and may not set it; elsewhere it is the default",
  },
];

/** What all items came to. */
export interface CisReport {
  /** Items looked at, on every host they are about. */
  checks: number;
  failed: number;
  /** What failed, where and how. */
  failures: string[];
  /** Waivers that were needed. */
  waived: Waiver[];
}

/** Judges hosts by name. @throws when an item is about no host at all: then nothing was looked at. */
export function judgeCis(hosts: ReadonlyMap<string, HostFacts>): CisReport {
  const report: CisReport = { checks: 0, failed: 0, failures: [], waived: [] };
  for (const item of items) {
    const about = [...hosts].filter(([, host]) => host.runs(item.of));
    if (about.length === 0)
      throw new Error(`item ${item.number} is about no host: none runs ${item.of}`);
    report.checks += about.length;
    const wrong = about.flatMap(([name, host]) =>
      item.wrong(host).map((each) => `${name}: ${each}`),
    );
    if (wrong.length === 0) continue;
    const waiver = waivers.find(({ number }) => number === item.number);
    if (waiver === undefined) {
      report.failed += 1;
      report.failures.push(`${item.number} ${item.title}: ${wrong.join("; ")}`);
    } else report.waived.push(waiver);
  }
  return report;
}
