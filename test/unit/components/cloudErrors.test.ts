import { explainCode, explainError } from "../../../components/errors/cloudErrors";

/** As the provider prints an error of the API. */
const provider = (code: string, message = "no.") =>
  `Error: [TencentCloudSDKError] Code=${code}, Message=${message}, RequestId=6b1f`;

test.each([
  ["LimitExceeded", "a quota of the account is used up. Remove what is no longer needed, or ask"],
  ["LimitExceeded.Something", "a quota of the account is used up."],
  [
    "UnauthorizedOperation.PermissionDenied",
    "the credentials lack the permission. Grant it in CAM",
  ],
  ["AuthFailure.SignatureExpire", "the clock of this machine is more than 5 minutes off. Set"],
  ["AuthFailure.Anything", "the credentials are refused. Check TENCENTCLOUD_SECRET_ID"],
  [
    "ResourceInsufficient.DisasterRecoverGroupCvmQuota",
    "the zone has no physical machine left that keeps the placement group spread",
  ],
  ["ResourcesSoldOut.SpecifiedInstanceType", "what was ordered is sold out. Choose another"],
  ["InvalidImageId.NotFound", "there is no such image in the region. Correct imageId"],
  ["VpcIpIsUsed", "the address is taken by something that is not in this stack. Look"],
  ["RequestLimitExceeded", "too many calls at once. Run the same command again"],
  ["ClientError.ParseJsonError", "what answered is not the API, or it refused the call before"],
  ["ClientError.NetworkError", "the API cannot be reached. Check the network"],
])("%s: %s", (code, expected) => {
  const lines = explainError(provider(code));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(`${code}: ${expected}`);
});

test("an error that names a code twice is explained once, and every code of it", () => {
  const text = [provider("LimitExceeded"), provider("LimitExceeded"), provider("InternalError")];
  expect(explainError(text.join("\n"))).toEqual([
    expect.stringMatching(/^LimitExceeded: /),
    expect.stringMatching(/^InternalError: /),
  ]);
});

test.each(["Code=NobodyKnows, Message=x", "exit status 1", ""])(
  "nothing is made up about %j",
  (text) => {
    expect(explainError(text)).toEqual([]);
  },
);

test("a code that is known whole is not explained by its family", () => {
  expect(explainCode("ResourceInsufficient.CloudDiskSoldOut")?.message).toContain("disk type");
  expect(explainCode("ResourceInsufficient")?.message).toContain("not enough");
});
