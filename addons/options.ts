import { z } from "zod";
import { listed, type Problem } from "../components/plan/problems";
import { shapeProblems } from "../components/plan/shape";
import { repository } from "../components/plan/values/hosts";
import { ingressOptions } from "./ingressController";
import { metricsServerOptions } from "./metricsServer";

/** All that is wrong with what somebody asked of {@link ClusterAddons}, thrown once. */
export class AddonsError extends Error {
  override readonly name = "AddonsError";

  constructor(readonly problems: readonly Problem[]) {
    super(listed("ClusterAddons", problems));
  }
}

const schema = z.strictObject({
  kubeconfig: z
    .custom((value) => value !== undefined)
    .meta({ missing: "the output kubeconfig of the cluster's stack" }),
  proxy: z
    .url({
      protocol: /^(socks5|https?)$/,
      error: "the URL of a proxy, socks5, http or https, such as socks5://127.0.0.1:1080",
    })
    .optional(),
  imageRepository: repository.optional(),
  metricsServer: metricsServerOptions.optional(),
  ingress: ingressOptions.optional(),
});

/** What is asked for, with every default filled in. */
export type AddonsOptions = Omit<z.output<typeof schema>, "kubeconfig">;

/**
 * Reads the arguments of {@link ClusterAddons}.
 *
 * @throws AddonsError listing everything that is wrong, each with its path, the value got, the values allowed and what to change.
 */
export function parseAddons(input: object): AddonsOptions {
  const read = schema.safeParse(input);
  if (!read.success) throw new AddonsError(shapeProblems(schema, input, read.error));
  const { proxy, imageRepository, metricsServer, ingress } = read.data;
  return { proxy, imageRepository, metricsServer, ingress };
}
