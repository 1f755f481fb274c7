/** Fields of KubeletConfiguration that one setting governs; none = nothing does. */
type Own = readonly [setting: string | undefined, ...fields: string[]];

/**
 * Fields that are the cluster's: those that it renders (a test compares), those that kubeadm writes, and those that other parts of the cluster go by.
 */
const own: readonly Own[] = [
  ["kubelet.cgroupDriver", "cgroupDriver"],
  ["kubelet.failCgroupV1", "failCgroupV1"],
  ["kubelet.failSwapOn", "failSwapOn"],
  ["kubelet.maxPods", "maxPods"],
  ["kubelet.podPidsLimit", "podPidsLimit"],
  ["kubelet.protectKernelDefaults", "protectKernelDefaults"],
  ["kubelet.enforceNodeAllocatable", "enforceNodeAllocatable"],
  ["kubelet.kubeReserved", "kubeReserved", "kubeReservedCgroup", "reservedSystemCPUs"],
  ["kubelet.systemReserved", "systemReserved", "systemReservedCgroup"],
  ["network.clusterDomain", "clusterDomain"],
  ["network.podCidr", "podCIDR"],
  ["network.serviceCidr", "clusterDNS"],
  ["workers[].taints", "registerWithTaints"],
  [
    undefined,
    ...["address", "apiVersion", "authentication", "authorization", "cgroupRoot", "cgroupsPerQOS"],
    ...["containerRuntimeEndpoint", "contentType", "enableControllerAttachDetach"],
    ...["enableDebugFlagsHandler", "enableDebuggingHandlers", "enableProfilingHandler"],
    ...["enableServer", "enableSystemLogHandler", "enableSystemLogQuery", "eventRecordQPS"],
    ...["evictionHard", "fileCheckFrequency", "hairpinMode", "healthzBindAddress", "healthzPort"],
    ...["httpCheckFrequency", "imageServiceEndpoint", "iptablesDropBit", "iptablesMasqueradeBit"],
    ...["kind", "kubeletCgroups", "makeIPTablesUtilChains", "mergeDefaultEvictionSettings"],
    // The control plane takes a node for dead by them.
    ...["nodeLeaseDurationSeconds", "nodeStatusReportFrequency", "nodeStatusUpdateFrequency"],
    ...["oomScoreAdj", "podLogsDir", "port", "providerID", "readOnlyPort", "registerNode"],
    ...["resolvConf", "rotateCertificates", "runOnce", "seccompDefault", "serverTLSBootstrap"],
    ...["staticPodPath", "staticPodURL", "staticPodURLHeader", "streamingConnectionIdleTimeout"],
    ...["syncFrequency", "systemCgroups", "tlsCertFile", "tlsCipherSuites"],
    ...["tlsCurvePreferences", "tlsMinVersion", "tlsPrivateKeyFile"],
  ],
];

/** Fields that people may set, as of kubelet.config.k8s.io/v1beta1 of Kubernetes 1.36; some are the cluster's defaults otherwise. */
export const freeKubeletFields: readonly string[] = [
  ...["allowedUnsafeSysctls", "configMapAndSecretChangeDetectionStrategy", "containerLogMaxFiles"],
  ...["containerLogMaxSize", "containerLogMaxWorkers", "containerLogMonitorInterval"],
  ...["cpuCFSQuota", "cpuCFSQuotaPeriod", "cpuManagerPolicy", "cpuManagerPolicyOptions"],
  ...["cpuManagerReconcilePeriod", "crashLoopBackOff", "enableContentionProfiling", "eventBurst"],
  ...["evictionMaxPodGracePeriod", "evictionMinimumReclaim", "evictionPressureTransitionPeriod"],
  ...["evictionSoft", "evictionSoftGracePeriod", "featureGates", "imageGCHighThresholdPercent"],
  ...["imageGCLowThresholdPercent", "imageMaximumGCAge", "imageMinimumGCAge"],
  ...["imagePullCredentialsVerificationPolicy", "kernelMemcgNotification", "kubeAPIBurst"],
  ...["kubeAPIQPS", "localStorageCapacityIsolation", "logging", "maxOpenFiles"],
  ...["maxParallelImagePulls", "memoryManagerPolicy", "memoryReservationPolicy", "memorySwap"],
  ...["memoryThrottlingFactor", "nodeStatusMaxImages", "podsPerCore"],
  ...["preloadedImagesVerificationAllowlist", "qosReserved", "registryBurst", "registryPullQPS"],
  ...["reservedMemory", "runtimeRequestTimeout", "serializeImagePulls"],
  ...["showHiddenMetricsForVersion", "shutdownGracePeriod", "shutdownGracePeriodByPodPriority"],
  ...["shutdownGracePeriodCriticalPods", "singleProcessOOMKill", "topologyManagerPolicy"],
  ...["topologyManagerPolicyOptions", "topologyManagerScope", "tracing", "userNamespaces"],
  ...["volumePluginDir", "volumeStatsAggPeriod"],
];

/**
 * Who decides on a field: the setting that governs it, or that none does.
 * @returns undefined for a field that is not the cluster's.
 */
export function ownerOfField(field: string): { setting: string | undefined } | undefined {
  const found = own.find(([, ...fields]) => fields.includes(field));
  return found && { setting: found[0] };
}
