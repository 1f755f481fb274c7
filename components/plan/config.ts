export type { ClusterConfig, ClusterConfigInput, WorkerPoolConfig } from "./schema";
export { clusterSchema } from "./schema";
export { ClusterConfigError, type Problem } from "./problems";
export { parseClusterConfig } from "./parse";
