/** An image that an add-on runs, in the parts that its project publishes it in: `<repository>/<name>:<tag>`. */
export interface AddonImage {
  repository: string;
  name: string;
  tag: string;
}

/**
 * An image as it is pulled: `registry.k8s.io/metrics-server/metrics-server:v0.9.0`.
 *
 * @param imageRepository Repository of a mirror, which has all images side by side. @default the project's own
 */
export function pulledAs(
  { repository, name, tag }: AddonImage,
  imageRepository = repository,
): string {
  return `${imageRepository}/${name}:${tag}`;
}
