import { z } from "zod";
import { cidr } from "../fields";

/** Section `monitoring`. */
export const monitoring = z
  .strictObject({
    allowedCidrs: z
      .array(cidr)
      .default([])
      .describe(
        "Ranges, besides the bastion, that may read metrics: those of a Prometheus in the VPC or in a network that is connected with it. Whoever gets there reads those of hosts, etcd and HAProxy without a password; apiservers and kubelets ask for a certificate or a token.",
      ),
    inCluster: z
      .boolean()
      .default(false)
      .describe(
        "Whether a Prometheus in the cluster reads them. Nodes then reach the metrics of all hosts, so every pod does that no network policy keeps from it.",
      ),
  })
  .optional()
  .meta({
    description:
      "Metrics in Prometheus' format, of every host, etcd, HAProxy, apiservers and kubelets, at private addresses ([monitoring](monitoring.md)).",
    defaultText: "none are served, but by apiservers and kubelets, as ever",
  });

/** Monitoring as configured. */
export type MonitoringConfig = NonNullable<z.output<typeof monitoring>>;
