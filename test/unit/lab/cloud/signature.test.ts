import Sign from "tencentcloud-sdk-nodejs/tencentcloud/common/sign";

import { sign, verify, type SignedRequest } from "../../../../lab/cloud/signature";

const credential = { secretId: "AKIDexample", secretKey: "example-key" };
const now = new Date("2026-03-01T00:00:30Z");
const timestamp = String(now.getTime() / 1000);
const payload = { Limit: 1, Filters: [{ Name: "instance-name", Values: ["未命名"] }] };

/** A request as the official SDK signs it: an implementation that is not ours. */
function signedBySdk(changes: { key?: string; timestamp?: string } = {}): SignedRequest {
  const at = changes.timestamp ?? timestamp;
  const authorization = Sign.sign3({
    method: "POST",
    url: "http://cvm.tencentcloudapi.lab.test/",
    payload,
    timestamp: Number(at),
    service: "cvm",
    secretId: credential.secretId,
    secretKey: changes.key ?? credential.secretKey,
    multipart: false,
    boundary: undefined as unknown as string,
    headers: { "Content-Type": "application/json" },
  });
  return {
    method: "POST",
    query: "",
    body: Buffer.from(JSON.stringify(payload)),
    headers: {
      authorization,
      "content-type": "application/json",
      host: "cvm.tencentcloudapi.lab.test",
      "x-tc-timestamp": at,
    },
  };
}

function check(request: SignedRequest, service = "cvm", credentials = [credential]): string {
  try {
    return verify(request, service, credentials, now).secretId;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

function changed(fields: Partial<SignedRequest["headers"]>): SignedRequest {
  const request = signedBySdk();
  return { ...request, headers: { ...request.headers, ...fields } };
}

test("the vendor's published example has the published signature", () => {
  const body =
    '{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"], "Name": "instance-name"}]}';
  const headers = {
    "content-type": "application/json; charset=utf-8",
    host: "cvm.tencentcloudapi.com",
  };
  const request = { method: "POST", query: "", body: Buffer.from(body), headers };
  expect(
    sign(request, "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE", "cvm", "1551113065", [
      "content-type",
      "host",
    ]),
  ).toBe("72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168");
});

test("what the official SDK signs is trusted", () => {
  expect(check(signedBySdk())).toBe(credential.secretId);
});

const ago = (seconds: number): SignedRequest =>
  signedBySdk({ timestamp: String(Number(timestamp) + seconds) });

test.each<[string, () => string, string]>([
  ["wrong key", () => check(signedBySdk({ key: "other" })), "AuthFailure.SignatureFailure"],
  ["five minutes old", () => check(ago(-300)), credential.secretId],
  ["older than five minutes", () => check(ago(-301)), "AuthFailure.SignatureExpire"],
  ["five minutes ahead", () => check(ago(301)), "AuthFailure.SignatureExpire"],
  [
    "date of another day",
    () =>
      check(
        changed({
          authorization: signedBySdk().headers["authorization"]?.replace(
            "2026-03-01",
            "2026-02-28",
          ),
        }),
      ),
    "AuthFailure.SignatureFailure",
  ],
  [
    "body changed on the way",
    () => check({ ...signedBySdk(), body: Buffer.from("{}") }),
    "AuthFailure.SignatureFailure",
  ],
  ["other host", () => check(changed({ host: "cvm.evil" })), "AuthFailure.SignatureFailure"],
  ["other service", () => check(signedBySdk(), "vpc"), "AuthFailure.SignatureFailure"],
  [
    "unknown id",
    () => check(signedBySdk(), "cvm", [{ ...credential, secretId: "AKIDother" }]),
    "AuthFailure.SecretIdNotFound",
  ],
  [
    "no authorization",
    () => check(changed({ authorization: undefined })),
    "AuthFailure.InvalidAuthorization",
  ],
  [
    "other algorithm",
    () => check(changed({ authorization: "Basic eDp5" })),
    "AuthFailure.InvalidAuthorization",
  ],
  ["no timestamp", () => check(changed({ "x-tc-timestamp": undefined })), "MissingParameter"],
  [
    "missing token",
    () => check(signedBySdk(), "cvm", [{ ...credential, token: "t" } as typeof credential]),
    "AuthFailure.TokenFailure",
  ],
])("%s", (_, act, outcome) => {
  expect(act()).toBe(outcome);
});

test("just after midnight UTC the date is the timestamp's, not the server's", () => {
  const before = String(Date.parse("2026-02-28T23:59:50Z") / 1000);
  expect(check(signedBySdk({ timestamp: before }))).toBe(credential.secretId);
});
