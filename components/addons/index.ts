export {
  addonImages,
  type AddonsChoice,
  ClusterAddons,
  type ClusterAddonsArgs,
} from "./clusterAddons";
export { IngressController } from "./ingress";
export type { IngressArgs, IngressOptions } from "./ingress/options";
export { MetricsServer, type MetricsServerArgs, type MetricsServerOptions } from "./metricsServer";
export { AddonsError } from "./options";
