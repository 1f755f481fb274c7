import type { Input } from "@pulumi/pulumi";
import { z } from "zod";
import { release } from "../../plan/fields";
import { ports } from "../../plan/ports";
import type { AddonImage } from "../image";

/** Options of {@link IngressController}. */
export interface IngressOptions {
  /** Release of Contour; proven with v1.33.8. Pinned by whoever uses it: a newer library changes nothing by itself. */
  version: string;
  /** Release of Envoy, one that this release of Contour goes with: its own manifests have v1.38.9; proven with v1.38.3. */
  envoyVersion: string;
  /** Port of every worker for HTTP, 30000 to 32767: what `entry.extraFrontends` of the cluster has as `pool.port`. @default 31080 */
  httpNodePort?: number;
  /** The same for HTTPS. @default 31443 */
  httpsNodePort?: number;
  /** Address that Ingresses are said to have, such as the entry's: output `entry` of the cluster's stack. @default none */
  address?: Input<string>;
}

const nodePort = z.int().min(ports.nodePorts.first).max(ports.nodePorts.last);

/** Its options as they are read. */
export const ingressOptions = z.strictObject({
  version: release.meta({ newest: "v1.33.8" }),
  envoyVersion: release.meta({ newest: "v1.38.9" }),
  httpNodePort: nodePort.default(31_080),
  httpsNodePort: nodePort.default(31_443),
  // An output, most of the time.
  address: z.custom<Input<string>>().optional(),
});

/** Images that it runs. */
export function ingressImages({
  version,
  envoyVersion,
}: Pick<IngressOptions, "version" | "envoyVersion">): { contour: AddonImage; envoy: AddonImage } {
  return {
    contour: { repository: "ghcr.io/projectcontour", name: "contour", tag: version },
    envoy: { repository: "docker.io/envoyproxy", name: "envoy", tag: `distroless-${envoyVersion}` },
  };
}

/** Arguments of {@link IngressController}. */
export interface IngressArgs extends z.output<typeof ingressOptions> {
  /** Repository that its images are pulled from. @default each project's own */
  imageRepository?: string;
}
