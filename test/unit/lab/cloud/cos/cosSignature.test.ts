import COS from "cos-nodejs-sdk-v5";

import { authenticate } from "../../../../../lab/cloud/cos/authenticate";
import type { SignedRequest } from "../../../../../lab/cloud/cos/signedRequest";

const credential = { secretId: "AKIDexample", secretKey: "example-key" };
const start = 1_780_000_000;
const now = new Date((start + 60) * 1000);
const host = "data-1300000001.cos.ap-guangzhou.myqcloud.com";

/** A request as the official SDK signs it: an implementation that is not ours. */
function signed(changes: Partial<SignedRequest> = {}, inQuery = false): SignedRequest {
  const authorization = COS.getAuthorization({
    SecretId: credential.secretId,
    SecretKey: credential.secretKey,
    Method: "PUT",
    Key: "a b/ü+&.txt",
    Query: { tagging: "", prefix: "x y" },
    Headers: { Host: host, "x-cos-acl": "public-read" },
    KeyTime: `${start};${start + 900}`,
  });
  const query: [string, string][] = [
    ["prefix", "x y"],
    ["tagging", ""],
  ];
  return {
    method: "PUT",
    path: "/a%20b/%C3%BC%2B%26.txt",
    query: inQuery ? [...query, ...new URLSearchParams(authorization)] : query,
    headers: { host, "x-cos-acl": "public-read", ...(!inQuery && { authorization }) },
    ...changes,
  };
}

function outcome(request: SignedRequest, at = now, credentials = [credential]): string {
  try {
    const find = (secretId: string) => credentials.find((each) => each.secretId === secretId);
    return authenticate(request, find, at).credential?.secretId ?? "anonymous";
  } catch (error) {
    return (error as { code: string }).code;
  }
}

const seconds = (count: number): Date => new Date((start + count) * 1000);
const reword = (from: string, to: string): SignedRequest => {
  const { headers } = signed();
  return signed({
    headers: { ...headers, authorization: headers["authorization"]?.replace(from, to) },
  });
};

test.each<[string, () => string, string]>([
  ["in a header", () => outcome(signed()), "AKIDexample"],
  ["in the query", () => outcome(signed({}, true)), "AKIDexample"],
  ["not at all", () => outcome({ ...signed(), headers: { host } }), "anonymous"],
  ["of another method", () => outcome(signed({ method: "GET" })), "SignatureDoesNotMatch"],
  ["of another key", () => outcome(signed({ path: "/other" })), "SignatureDoesNotMatch"],
  [
    "of another parameter",
    () => outcome(signed({ query: [["tagging", ""]] })),
    "SignatureDoesNotMatch",
  ],
  [
    "of another bucket",
    () => outcome(signed({ headers: { ...signed().headers, host: `x${host}` } })),
    "SignatureDoesNotMatch",
  ],
  [
    "with another secret",
    () => outcome(signed(), now, [{ ...credential, secretKey: "other" }]),
    "SignatureDoesNotMatch",
  ],
  [
    "of an unknown id",
    () => outcome(signed(), now, [{ ...credential, secretId: "AKIDother" }]),
    "InvalidAccessKeyId",
  ],
  [
    "without its token",
    () => outcome(signed(), now, [{ ...credential, token: "t" } as typeof credential]),
    "InvalidToken",
  ],
  ["at its end", () => outcome(signed(), seconds(900)), "AKIDexample"],
  ["after its end", () => outcome(signed(), seconds(901)), "RequestIsExpired"],
  ["long before its start", () => outcome(signed(), seconds(-301)), "RequestIsExpired"],
  ["of another algorithm", () => outcome(reword("sha1", "md5")), "InvalidArgument"],
  ["without an id", () => outcome(reword("q-ak=", "ak=")), "InvalidArgument"],
])("signed %s", (_, act, expected) => {
  expect(act()).toBe(expected);
});
