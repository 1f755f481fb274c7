import { createHash, createHmac } from "node:crypto";

import { encode } from "./encoding";
import { CosError, invalidArgument } from "./errors";
import type { Claim, SignedRequest } from "./signedRequest";

/** The `q-` parameters of a signature of the service's own kind: from the Authorization header, else from the query. */
function parameters({ headers, query }: SignedRequest): Map<string, string> {
  const header = headers["authorization"];
  if (header === undefined) {
    return new Map(query);
  }
  return new Map(
    header.split("&").map((pair): [string, string] => {
      const at = pair.indexOf("=");
      return [pair.slice(0, at), decodeURIComponent(pair.slice(at + 1))];
    }),
  );
}

/** Reads a `q-sign-algorithm=sha1` signature. @throws CosError when it cannot be one that holds now. */
export function cosClaim(request: SignedRequest, now: Date): Claim {
  const given = parameters(request);
  const read = (name: string): string => {
    const value = given.get(name);
    if (value === undefined) {
      throw invalidArgument(`The signature has no ${name}.`);
    }
    return value;
  };
  if (read("q-sign-algorithm") !== "sha1") {
    throw invalidArgument(`q-sign-algorithm is '${read("q-sign-algorithm")}', it must be sha1.`);
  }
  const [from, to] = read("q-sign-time").split(";").map(Number);
  const seconds = now.getTime() / 1000;
  // A signature of this very second may be from a clock a little ahead.
  if (!(from !== undefined && to !== undefined && from <= seconds + 300 && seconds <= to)) {
    throw new CosError(
      403,
      "RequestIsExpired",
      `q-sign-time is '${read("q-sign-time")}', the server's time is ${Math.floor(seconds)}.`,
    );
  }
  const headers = Object.entries(request.headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as [string, string]],
  );
  const text = [
    request.method.toLowerCase(),
    decodeURIComponent(request.path),
    canonical(read("q-url-param-list"), request.query),
    canonical(read("q-header-list"), headers),
    "",
  ].join("\n");
  const digest = createHash("sha1").update(text).digest("hex");
  const toSign = ["sha1", read("q-sign-time"), digest, ""].join("\n");
  return {
    secretId: read("q-ak"),
    token: request.headers["x-cos-security-token"] ?? given.get("x-cos-security-token"),
    signature: read("q-signature"),
    expected: (secretKey) => {
      const key = createHmac("sha1", secretKey).update(read("q-key-time")).digest("hex");
      return createHmac("sha1", key).update(toSign).digest("hex");
    },
  };
}

/** The listed pairs, sorted. Names are listed percent-encoded and in lower case. */
function canonical(list: string, pairs: [string, string][]): string {
  const listed = new Set(list.toLowerCase().split(";"));
  return (
    pairs
      .map(([name, value]) => ({ name: encode(name).toLowerCase(), value: encode(value) }))
      .filter(({ name }) => listed.has(name) || listed.has(decodeURIComponent(name)))
      // By name: a name may begin with another one, and goes on with what is less than an equals sign.
      .sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)))
      .map(({ name, value }) => `${name}=${value}`)
      .join("&")
  );
}
