import { createHash, createHmac } from "node:crypto";

import { encode } from "./encoding";
import { CosError } from "./errors";
import type { Claim, SignedRequest } from "./signedRequest";

/** Clock difference that is tolerated, either way, in ms. */
const clockWindowMs = 15 * 60_000;

const pattern =
  /^AWS4-HMAC-SHA256 Credential=([^/\s,]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request,\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/;

function hmac(key: string | Buffer, data: string): Buffer {
  return createHmac("sha256", key).update(data).digest();
}

/** Reads an `AWS4-HMAC-SHA256` Authorization header. @throws CosError when it cannot be one that holds now. */
export function awsClaim(request: SignedRequest, now: Date): Claim {
  const match = pattern.exec(request.headers["authorization"] ?? "");
  if (!match) {
    throw new CosError(
      400,
      "AuthorizationHeaderMalformed",
      "The Authorization header is not of the form 'AWS4-HMAC-SHA256 Credential=ID/DATE/REGION/s3/aws4_request, SignedHeaders=..., Signature=...'.",
    );
  }
  const [, secretId, date, region, headerList, signature] = match as unknown as [
    string,
    ...string[],
  ] as string[];
  const names = (headerList as string).split(";");
  const unsigned = Object.keys(request.headers).find(
    (name) => (name === "host" || name.startsWith("x-amz-")) && !names.includes(name),
  );
  if (unsigned !== undefined) {
    throw new CosError(403, "AccessDenied", `The header ${unsigned} is not signed.`);
  }
  const time = request.headers["x-amz-date"] ?? "";
  const [, day, hour, minute, second] =
    /^(\d{8})T(\d\d)(\d\d)(\d\d)Z$/.exec(time) ?? ([] as string[]);
  const at = Date.parse(
    `${day?.slice(0, 4)}-${day?.slice(4, 6)}-${day?.slice(6)}T${hour}:${minute}:${second}Z`,
  );
  if (!(Math.abs(now.getTime() - at) <= clockWindowMs) || day !== date) {
    throw new CosError(
      403,
      "RequestTimeTooSkewed",
      `X-Amz-Date is '${time}', more than 15 minutes away from the server's ${now.toISOString()}.`,
    );
  }
  const scope = `${date}/${region}/s3/aws4_request`;
  const canonical = createHash("sha256").update(canonicalRequest(request, names)).digest("hex");
  const toSign = ["AWS4-HMAC-SHA256", time, scope, canonical].join("\n");
  return {
    secretId: secretId as string,
    token: request.headers["x-amz-security-token"],
    signature: signature as string,
    expected: (secretKey) => {
      const dated = hmac(hmac(`AWS4${secretKey}`, date as string), region as string);
      return hmac(hmac(hmac(dated, "s3"), "aws4_request"), toSign).toString("hex");
    },
  };
}

function canonicalRequest(
  { method, path, query, headers }: SignedRequest,
  names: string[],
): string {
  const pairs = query.map(([key, value]) => `${encode(key)}=${encode(value)}`);
  return [
    method,
    path.split("/").map(decodeURIComponent).map(encode).join("/"),
    pairs.sort().join("&"),
    ...names.map((name) => `${name}:${(headers[name] ?? "").trim().replace(/ +/g, " ")}`),
    "",
    names.join(";"),
    headers["x-amz-content-sha256"] ?? "",
  ].join("\n");
}
