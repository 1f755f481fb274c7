import { z } from "zod";
import { readAddress } from "../cidr";

/** Names of machines, as DNS and image references have them. */

/** Lower-case labels of letters, digits and hyphens, none longer than 63 characters, separated by dots; 253 in all. */
const dns =
  /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;

/** Whether a text is an IPv4 address or a DNS name. What is all digits and dots has to be an address, or nobody can tell. */
function isHost(text: string): boolean {
  return readAddress(text) !== undefined || (dns.test(text) && /[a-z]/.test(text));
}

/** A machine somewhere else, by name or address. */
export const host = z
  .string()
  .refine(isHost, { error: "a DNS name in lower case, or an IPv4 address" })
  .meta({ pattern: /^[a-z0-9.-]+$/.source });

function isHostAndPort(text: string): boolean {
  const [name = "", port, ...rest] = text.split(":");
  if (rest.length > 0 || !isHost(name)) return false;
  return port === undefined || (/^[1-9]\d*$/.test(port) && Number(port) <= 65_535);
}

/** A container registry. */
export const registry = z
  .string()
  .refine(isHostAndPort, { error: "<host> or <host>:<port>, with a port of 1 to 65535" })
  .meta({ pattern: /^[a-z0-9.-]+(:\d{1,5})?$/.source });

/** A part of the path of a repository: lower-case letters and digits, joined by one dot, one or two underscores, or hyphens. */
const component = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*$/;

function isRepository(text: string): boolean {
  const [registryHost = "", ...path] = text.split("/");
  return (
    isHostAndPort(registryHost) &&
    // With neither, containerd takes it for the first part of a path at docker.io.
    /[.:]/.test(registryHost) &&
    path.length > 0 &&
    path.every((part) => component.test(part)) &&
    path.join("/").length <= 200
  );
}

/** A repository that images are below. Its path may have 200 of a reference's 255 characters: each image adds its name. */
export const repository = z
  .string()
  .refine(isRepository, {
    error:
      "<registry>/<path>, no scheme; the registry has a dot or a port; of the path, each part has lower-case letters and digits, joined by a dot, underscores or hyphens, such as registry.example.com/kubernetes-ha",
  })
  .meta({ pattern: /^[a-z0-9.-]+(:\d{1,5})?(\/[a-z0-9._-]+)+$/.source });

/** Where files or an API are, by HTTP. Paths are put behind it, so what ends it is taken off. */
export const httpAddress = z
  .url({ protocol: /^https?$/ })
  .refine((url) => !/[?#@\s]/.test(url), {
    error: "an http or https URL with no credentials, query or fragment: paths are put behind it",
  })
  .meta({ pattern: /^https?:[^?#@\s]+$/.source })
  .transform((url) => url.replace(/\/+$/, ""));
