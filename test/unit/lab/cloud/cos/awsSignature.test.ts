import { awsClaim } from "../../../../../lab/cloud/cos/awsSignature";
import type { SignedRequest } from "../../../../../lab/cloud/cos/signedRequest";

const secretKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const now = new Date("2013-05-24T00:00:00Z");
const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

function request(
  method: string,
  path: string,
  query: [string, string][],
  signature: string,
  more: Record<string, string> = {},
): SignedRequest {
  const headers: Record<string, string> = {
    host: "examplebucket.s3.amazonaws.com",
    "x-amz-content-sha256": emptyHash,
    "x-amz-date": "20130524T000000Z",
    ...more,
  };
  const names = Object.keys(headers).sort().join(";");
  const scope = "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request";
  return {
    method,
    path,
    query,
    headers: {
      ...headers,
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=${names}, Signature=${signature}`,
    },
  };
}

// The examples that the signature's own documentation works out.
test.each<[string, SignedRequest]>([
  [
    "get of a range",
    request(
      "GET",
      "/test.txt",
      [],
      "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
      { range: "bytes=0-9" },
    ),
  ],
  [
    "put with a name that is encoded",
    request(
      "PUT",
      "/test%24file.text",
      [],
      "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
      {
        date: "Fri, 24 May 2013 00:00:00 GMT",
        "x-amz-content-sha256": "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
        "x-amz-storage-class": "REDUCED_REDUNDANCY",
      },
    ),
  ],
  [
    "sub-resource",
    request(
      "GET",
      "/",
      [["lifecycle", ""]],
      "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
    ),
  ],
  [
    "list with parameters",
    request(
      "GET",
      "/",
      [
        ["prefix", "J"],
        ["max-keys", "2"],
      ],
      "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    ),
  ],
])("published example: %s", (_, signed) => {
  const claim = awsClaim(signed, now);
  expect(claim.secretId).toBe("AKIAIOSFODNN7EXAMPLE");
  expect(claim.expected(secretKey)).toBe(claim.signature);
});

function code(signed: SignedRequest, at = now): string {
  try {
    awsClaim(signed, at);
    return "ok";
  } catch (error) {
    return (error as { code: string }).code;
  }
}

const good = request("GET", "/", [], emptyHash);
const minutes = (count: number): Date => new Date(now.getTime() + count * 60_000);
test.each<[string, SignedRequest, Date, string]>([
  ["15 minutes old", good, minutes(15), "ok"],
  ["older", good, minutes(16), "RequestTimeTooSkewed"],
  ["ahead", good, minutes(-16), "RequestTimeTooSkewed"],
  [
    "another day in the scope",
    { ...good, headers: { ...good.headers, "x-amz-date": "20130523T235959Z" } },
    now,
    "RequestTimeTooSkewed",
  ],
  [
    "no date",
    { ...good, headers: { ...good.headers, "x-amz-date": undefined } },
    now,
    "RequestTimeTooSkewed",
  ],
  [
    "a header that is not signed",
    { ...good, headers: { ...good.headers, "x-amz-acl": "public-read" } },
    now,
    "AccessDenied",
  ],
  [
    "another form",
    { ...good, headers: { ...good.headers, authorization: "AWS4-HMAC-SHA256 x" } },
    now,
    "AuthorizationHeaderMalformed",
  ],
])("%s", (_, signed, at, expected) => {
  expect(code(signed, at)).toBe(expected);
});
