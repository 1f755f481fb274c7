import { createHash, createHmac, timingSafeEqual } from "node:crypto";

import { ApiError } from "./errors";
import type { CallerPolicy } from "./permissions";

/** The parts of a request that TC3-HMAC-SHA256 covers. */
export interface SignedRequest {
  method: string;
  /** Header names in lower case; values as received. */
  headers: Record<string, string | undefined>;
  query: string;
  body: Uint8Array;
}

export interface Credential {
  secretId: string;
  secretKey: string;
  token?: string | undefined;
  /** What the caller may do; everything when not set. */
  policy?: CallerPolicy | undefined;
}

/** Clock difference the API tolerates, either way. */
export const clockWindowSeconds = 300;

const authorizationPattern =
  /^TC3-HMAC-SHA256 Credential=([^/\s,]+)\/(\d{4}-\d{2}-\d{2})\/([a-z0-9]+)\/tc3_request,\s*SignedHeaders=([a-z0-9;-]+),\s*Signature=([0-9a-f]{64})$/;

function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

function hmac(key: string | Buffer, data: string): Buffer {
  return createHmac("sha256", key).update(data).digest();
}

/** Computes the hex signature of a request. `signedHeaders` in the order they are listed. */
export function sign(
  request: SignedRequest,
  secretKey: string,
  service: string,
  timestamp: string,
  signedHeaders: string[],
): string {
  const date = utcDate(Number(timestamp));
  const canonicalHeaders = signedHeaders
    .map((name) => `${name}:${(request.headers[name] ?? "").trim().toLowerCase()}\n`)
    .join("");
  const canonicalRequest = [
    request.method,
    "/",
    request.query,
    canonicalHeaders,
    signedHeaders.join(";"),
    sha256(request.body),
  ].join("\n");
  const stringToSign = [
    "TC3-HMAC-SHA256",
    timestamp,
    `${date}/${service}/tc3_request`,
    sha256(canonicalRequest),
  ].join("\n");
  const key = hmac(hmac(hmac(`TC3${secretKey}`, date), service), "tc3_request");
  return createHmac("sha256", key).update(stringToSign).digest("hex");
}

/**
 * Verifies who sent a request.
 * @param service First label of the Host the request was sent to.
 * @returns The credential that signed it.
 * @throws ApiError `AuthFailure.*` when it cannot be trusted, `MissingParameter` without a timestamp.
 */
export function verify(
  request: SignedRequest,
  service: string,
  credentials: readonly Credential[],
  now: Date,
): Credential {
  const authorization = request.headers["authorization"];
  if (!authorization) {
    throw new ApiError(
      "AuthFailure.InvalidAuthorization",
      "The Authorization header is missing; sign the request with TC3-HMAC-SHA256.",
    );
  }
  const match = authorizationPattern.exec(authorization);
  if (!match) {
    throw new ApiError(
      "AuthFailure.InvalidAuthorization",
      "The Authorization header is not of the form 'TC3-HMAC-SHA256 Credential=ID/DATE/SERVICE/tc3_request, SignedHeaders=..., Signature=...'.",
    );
  }
  const [, secretId, date, scopeService, headerList, signature] = match as unknown as string[];
  const signedHeaders = (headerList as string).split(";");
  if (!signedHeaders.includes("content-type") || !signedHeaders.includes("host")) {
    throw new ApiError(
      "AuthFailure.InvalidAuthorization",
      "SignedHeaders must contain content-type and host.",
    );
  }
  const timestamp = request.headers["x-tc-timestamp"];
  if (!timestamp || !/^\d{1,12}$/.test(timestamp)) {
    throw new ApiError("MissingParameter", "The X-TC-Timestamp header is missing or no number.");
  }
  if (Math.abs(now.getTime() / 1000 - Number(timestamp)) > clockWindowSeconds) {
    throw new ApiError(
      "AuthFailure.SignatureExpire",
      `The timestamp ${timestamp} is more than ${clockWindowSeconds} s away from the server's clock ${Math.floor(now.getTime() / 1000)}.`,
    );
  }
  const credential = credentials.find((each) => each.secretId === secretId);
  if (!credential) {
    throw new ApiError("AuthFailure.SecretIdNotFound", "The SecretId is not found.");
  }
  if (date !== utcDate(Number(timestamp))) {
    throw new ApiError(
      "AuthFailure.SignatureFailure",
      `The date ${date} in the credential scope is not the UTC day of the timestamp (${utcDate(Number(timestamp))}).`,
    );
  }
  if (scopeService !== service) {
    throw new ApiError(
      "AuthFailure.SignatureFailure",
      `The service '${scopeService}' in the credential scope is not the one called ('${service}').`,
    );
  }
  const expected = sign(request, credential.secretKey, service, timestamp, signedHeaders);
  if (!timingSafeEqual(Buffer.from(expected, "hex"), Buffer.from(signature as string, "hex"))) {
    throw new ApiError(
      "AuthFailure.SignatureFailure",
      "The provided credentials could not be validated. Please check your signature is correct.",
    );
  }
  if (credential.token !== undefined && credential.token !== request.headers["x-tc-token"]) {
    throw new ApiError("AuthFailure.TokenFailure", "The token is wrong or missing.");
  }
  return credential;
}

/** Day of a Unix time (seconds) in UTC, `YYYY-MM-DD`. */
export function utcDate(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}
