import { isDeepStrictEqual } from "node:util";
import { aptSourcesFile } from "./needs/everyHost";
import { hostNeeds } from "./needs";
import { downloadOf, programPath } from "./plan/artifacts";
import type { ClusterPlan, HostPlan } from "./plan/cluster";
import { hostAliases } from "./plan/cluster";
import { imageOf } from "./plan/images";
import type { Artifact } from "./plan/needs";
import { peersOf } from "./plan/peers";
import { proxyEnvironment } from "./plan/proxy";
import { acceptedGenerations, isBegun } from "./plan/rotation";
import { registryEndpoints } from "./plan/registryEndpoints";
import { clientDuties, share } from "./plan/roles";
import type { ParamValue, PlacedFile } from "./remote/remoteStep";
import { paths, renderHostsBlock } from "./render";

/** What a host is prepared with. Plain data: the whole of the `prepare-host` step, and all but the secrets of `worker`. */
export interface Preparation {
  params: Record<string, ParamValue>;
  files: (PlacedFile & { path: string; content: string })[];
}

const binaries = "/usr/local/bin";

/**
 * The part of a host's preparation that every host of its pool has. That is what stays the same for a host of another name and address, so that it
 * does not depend on how many there are.
 */
export function sharedPreparation(plan: ClusterPlan, host: HostPlan): Preparation {
  const own = prepareHost(plan, host);
  const other = prepareHost(plan, { ...host, name: `not-${host.name}`, address: "192.0.2.1" });
  const others = new Set(other.files.map((file) => JSON.stringify(file)));
  return {
    params: Object.fromEntries(
      Object.entries(own.params).filter(([name, value]) =>
        isDeepStrictEqual(value, other.params[name]),
      ),
    ),
    files: own.files.filter((file) => others.has(JSON.stringify(file))),
  };
}

/**
 * The rest of a host's preparation: what its pool's {@link sharedPreparation} leaves out, or has otherwise, as a host in another zone may. It goes before
 * what is shared.
 */
export function ownPreparation(
  plan: ClusterPlan,
  host: HostPlan,
  shared: Preparation,
): Preparation {
  const all = prepareHost(plan, host);
  const sharedFiles = new Map(shared.files.map((file) => [file.path, file]));
  return {
    params: Object.fromEntries(
      Object.entries(all.params).filter(
        ([name, value]) => !isDeepStrictEqual(value, shared.params[name]),
      ),
    ),
    files: all.files.filter((file) => !isDeepStrictEqual(file, sharedFiles.get(file.path))),
  };
}

/** Which authorities are in the file that goes with the archive, where that is not the first alone: nothing else of the step says that it has changed. */
function caGenerations({ pki }: ClusterPlan["config"]): { CA_GENERATIONS?: string[] } {
  const { kubernetesCa } = pki.rotation;
  return isBegun(kubernetesCa)
    ? { CA_GENERATIONS: acceptedGenerations(kubernetesCa).map(String) }
    : {};
}

/** Everything a host needs before it takes up its duties. A pure function of the plan. */
export function prepareHost(plan: ClusterPlan, host: HostPlan): Preparation {
  const { config } = plan;
  const needs = hostNeeds(plan, host);
  const { clockSkewMs, fdatasyncMs } = config.preflight;
  return {
    params: {
      NODE_NAME: host.name,
      ...nameParams(plan, host),
      APT_SOURCES: config.packages.aptSources === undefined ? "" : aptSourcesFile,
      PROXY: Object.entries(proxyEnvironment(plan)).map((entry) => entry.join("=")),
      PACKAGES: [...needs.packages],
      ARTIFACTS: needs.artifacts.map((artifact) => artifactLine(plan, host, artifact)),
      CA_FILES: [...needs.caFiles],
      ...(needs.caFiles.length > 0 && caGenerations(config)),
      SERVICES: needs.services.map(({ unit, restartedFor, reloadedFor = [] }) =>
        [unit, ...restartedFor, ...(reloadedFor.length > 0 ? ["--", ...reloadedFor] : [])].join(
          " ",
        ),
      ),
      LATER_SERVICES: [...needs.laterServices],
      REGISTRIES:
        needs.images.length > 0
          ? registryEndpoints(plan, host).map(({ registry }) => registry)
          : [],
      IMAGES: needs.images.map((image) => imageOf(config, image)),
      PEERS: peersOf(plan, host).map(({ name, address, ports }) =>
        [name, address, ...ports].join(" "),
      ),
      DIRECT_ROUTING: needs.directRouting.map(({ vip, realServers }) =>
        [vip, ...realServers].join(" "),
      ),
      CNI_PLUGINS: needs.cniPlugins.map(
        ({ name, version }) => `${paths.cniBinaries}/${name} ${version}`,
      ),
      PACKET_QUEUES: needs.packetQueues.map(String),
      SKEW_MS: clockSkewMs,
      FDATASYNC_MS: fdatasyncMs,
      DATA_DIR: host.duties.includes("etcd") ? (host.dataDisk?.mountPoint ?? "") : "",
      DISK_DIR: host.dataDisk?.mountPoint ?? "",
      DISK_GIB: host.dataDisk?.sizeGiB ?? 0,
      // Known once the disk is made.
      DISK_ID: "",
      LOGIN_USER: config.sshUser,
      ...(host.duties.includes("worker") ? workerParams(plan, host) : {}),
    },
    files: [...needs.files],
  };
}

/** What names.sh is told: what the host resolves by itself, and where the API is if the host asks it. */
export function nameParams(plan: ClusterPlan, host: HostPlan) {
  return {
    HOSTS_BLOCK: renderHostsBlock(hostAliases(plan, host)).trimEnd(),
    API_URL: share(host.duties, clientDuties) ? `https://${plan.entry.endpoint}` : "",
  };
}

/** What a worker joins with besides its files and secrets, and goes to another release by. */
function workerParams({ config }: ClusterPlan, { pool }: HostPlan): Preparation["params"] {
  const { maxUnavailable = 1 } = config.workers.find((each) => each.pool === pool) ?? {};
  return {
    KUBEADM_CONFIG: paths.kubeadmConfig,
    DISCOVERY_FILE: paths.discovery,
    BOOTSTRAP_CLIENT: paths.bootstrapClient,
    KUBERNETES_VERSION: config.versions.kubernetes,
    MAX_UNAVAILABLE: maxUnavailable,
    ...drainParams(config),
  };
}

/** How the pods of a node make room. */
export function drainParams({ drain }: Pick<ClusterPlan["config"], "drain">) {
  return { DRAIN_SECONDS: drain.timeoutSeconds, DRAIN_ON_TIMEOUT: drain.onTimeout };
}

/** "program target url sum [member]", as fetch-artifacts.sh reads it. */
function artifactLine(
  { config }: ClusterPlan,
  { architecture }: HostPlan,
  artifact: Artifact,
): string {
  const { url, sum, member } = downloadOf(config, architecture, artifact);
  return [
    programPath(architecture, artifact),
    `${binaries}/${artifact.binary}`,
    url,
    "sha256" in sum ? sum.sha256 : sum.url,
    ...(member === undefined ? [] : [member]),
  ].join(" ");
}
