/** What a Host of the object storage names: a bucket in a region, or the service as a whole. */
export interface CosHost {
  bucket?: string;
  region?: string;
}

/**
 * Reads `<bucket>.cos.<region>.<domain>`, `cos.<region>.<domain>` and `service.cos.<domain>`, with or without a port.
 * @returns undefined for a Host of another product.
 */
export function parseCosHost(host: string): CosHost | undefined {
  const [first, second, third] = host.split(":")[0]?.split(".") ?? [];
  if (first === "cos") {
    return { region: second ?? "" };
  }
  if (second !== "cos") {
    return undefined;
  }
  return first === "service" ? {} : { bucket: first ?? "", region: third ?? "" };
}
