import * as pulumi from "@pulumi/pulumi";
import type { ClusterPki } from "./pki/clusterPki";
import type { ClusterPlan } from "./plan/cluster";
import type { ScrapeTarget } from "./plan/monitoring";

/** What a Prometheus needs to watch a cluster; `npm run monitoring` makes its configuration of it. */
export interface MonitoringOutput {
  cluster: string;
  /** Name in the certificates of apiservers. */
  apiName: string;
  /** Where metrics are read. */
  targets: readonly ScrapeTarget[];
  /** CA of apiservers, PEM. Kubelets show certificates of their own. */
  certificateAuthority: string;
  /** By which apiservers and kubelets know who asks, PEM. It may read metrics, and nothing else. */
  clientCertificate: string;
  clientKey: string;
}

/** How the metrics of a cluster are read, if it is watched. */
export function monitoringOutput(
  { name, entry, monitoring }: ClusterPlan,
  pki: ClusterPki,
): pulumi.Output<MonitoringOutput> | undefined {
  if (monitoring === undefined) return undefined;
  const { user, targets } = monitoring;
  return pulumi.secret(
    pulumi.all([pki.authorityCertificates, pki.metricsCertificate(user)]).apply(([ca, client]) => ({
      ...{ cluster: name, apiName: entry.apiName, targets },
      ...{ certificateAuthority: ca, clientCertificate: client.crt, clientKey: client.key },
    })),
  );
}
