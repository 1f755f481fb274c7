export {
  addonImages,
  type AddonsChoice,
  ClusterAddons,
  type ClusterAddonsArgs,
} from "./clusterAddons";
export { IngressController, type IngressArgs, type IngressOptions } from "./ingressController";
export { MetricsServer, type MetricsServerArgs, type MetricsServerOptions } from "./metricsServer";
export { AddonsError } from "./options";
