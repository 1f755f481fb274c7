export {
  addonImages,
  type AddonsChoice,
  ClusterAddons,
  type ClusterAddonsArgs,
} from "./clusterAddons";
export { MetricsServer, type MetricsServerArgs, type MetricsServerOptions } from "./metricsServer";
export { AddonsError } from "./options";
