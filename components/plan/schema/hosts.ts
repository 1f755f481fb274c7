import { z } from "zod";
import { line } from "../values/text";

const sysctl = z
  .string()
  .regex(/^[a-z0-9_-]+(\.[a-z0-9_-]+)+$/, "a kernel setting such as vm.max_map_count");

const sysctlValue = line.refine((text) => /^[^"'\\]+$/.test(text) && text.trim() !== "", {
  error: "a value without quotes and backslashes",
});

/** Section `host`. */
export const host = z
  .strictObject({
    sysctls: z
      .record(sysctl, sysctlValue)
      .prefault({})
      .describe(
        "Kernel settings, set at every boot after the cluster's own; one of those is refused. Whether the kernel has a setting is known by the host alone: its step ends at one of `net.` that cannot be set, and tells of any other.",
      ),
    encryptSystemDisks: z
      .boolean()
      .default(false)
      .describe(
        "Whether the platform encrypts the system disks of all hosts, by the account's default key of KMS, which it needs to be authorized for once. The platform has this for some accounts and regions only; it takes provider 1.83.25 or later.",
      ),
  })
  .prefault({})
  .describe("Every host, the bastion included.");

const proxyPattern = /^https?:\/\/[A-Za-z0-9.-]+(:\d{1,5})?\/?$/;

const proxyUrl = z
  .string()
  .refine((url) => !url.includes("@"), {
    error: "a URL without credentials: they would lie open in the state and on every host",
    abort: true,
  })
  .refine((url) => proxyPattern.test(url), {
    error: "an http or https URL of host and port alone, such as http://proxy.example.com:3128",
  })
  .meta({ pattern: proxyPattern.source });

/** Section `proxy`. */
export const proxy = z
  .strictObject({
    httpProxy: proxyUrl.optional().meta({
      description: "Proxy for what is at `http:`, such as `http://proxy.example.com:3128`.",
      defaultText: "none",
    }),
    httpsProxy: proxyUrl.optional().meta({
      description: "Proxy for what is at `https:`.",
      defaultText: "none",
    }),
    noProxy: z
      .array(z.string().regex(/^[A-Za-z0-9.*:/_-]+$/, "a name, a suffix, an address or a range"))
      .default([])
      .describe(
        "Names, suffixes such as .example.com, addresses and ranges that are asked without a proxy, beside the cluster's own: its VPC, pods, Services, names and link-local addresses. apt goes by names and suffixes alone.",
      ),
  })
  .prefault({})
  .describe(
    "What hosts download by: packages, programs and images. Nothing else of a host, and no pod, is told of it.",
  );
