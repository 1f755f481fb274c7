import { aptSourcesFile } from "./needs/everyHost";
import { hostNeeds } from "./needs";
import type { ClusterPlan, HostPlan } from "./plan/cluster";
import { hostAliases } from "./plan/cluster";
import type { Artifact } from "./plan/needs";
import type { ParamValue, PlacedFile } from "./remote/remoteStep";
import { renderHostsBlock } from "./render";

/** What a host is prepared with. Plain data: the whole of the `prepare-host` step. */
export interface Preparation {
  params: Record<string, ParamValue>;
  files: (PlacedFile & { path: string; content: string })[];
}

const binaries = "/usr/local/bin";

/** Everything a host needs before it takes up its duties. A pure function of the plan. */
export function prepareHost(plan: ClusterPlan, host: HostPlan): Preparation {
  const { config } = plan;
  const needs = hostNeeds(plan, host);
  return {
    params: {
      HOSTS_BLOCK: renderHostsBlock(hostAliases(plan, host)).trimEnd(),
      APT_SOURCES: config.packages.aptSources === undefined ? "" : aptSourcesFile,
      PACKAGES: [...needs.packages],
      ARTIFACT_BASE_URL: config.artifacts.baseUrl,
      ARTIFACTS: needs.artifacts.map((artifact) => artifactLine(plan, artifact)),
      SERVICES: needs.services.map(({ unit, restartedFor }) => [unit, ...restartedFor].join(" ")),
      IMAGES: needs.images.map((image) => `${config.images.repository}/${image}`),
    },
    files: [...needs.files],
  };
}

/** "path-below-base target [sha256]" of a binary. */
function artifactLine({ config }: ClusterPlan, { name, version, binary }: Artifact): string {
  const path = `${name}/${version}/${config.architecture}/${binary}`;
  const sum = config.artifacts.checksums[path];
  return [path, `${binaries}/${binary}`, ...(sum === undefined ? [] : [sum])].join(" ");
}
