import type { Fault } from "../plan/fault";

const raise = "Remove what is no longer needed, or ask for a higher quota in the console";
const elsewhere =
  "Choose another instance type or zone in the configuration, or try again later; nothing that was made is lost";
const keys = "Check TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY";

/**
 * What codes of the API mean and what to do. A code is looked up whole, then by the part before its dot. Codes and their
 * meaning are those of the vendor's API documentation.
 */
const explanations: Readonly<Record<string, readonly [means: string, fix: string]>> = {
  AuthFailure: ["the credentials are refused", keys],
  "AuthFailure.SecretIdNotFound": ["there is no such secret id", keys],
  "AuthFailure.InvalidSecretId": ["the secret id is none of the API", keys],
  "AuthFailure.SignatureFailure": ["the secret key does not belong to the secret id", keys],
  "AuthFailure.SignatureExpire": [
    "the clock of this machine is more than 5 minutes off",
    "Set the clock of this machine",
  ],
  "AuthFailure.TokenFailure": [
    "the session token is wrong or has expired",
    "Get new temporary credentials, or unset TENCENTCLOUD_SECURITY_TOKEN",
  ],
  "AuthFailure.UnauthorizedOperation": [
    "the credentials lack the permission",
    "Grant it in CAM; the README lists all that are needed",
  ],
  UnauthorizedOperation: [
    "the credentials lack the permission",
    "Grant it in CAM; the README lists all that are needed",
  ],
  LimitExceeded: ["a quota of the account is used up", raise],
  AddressQuotaLimitExceeded: ["the quota of public addresses is used up", raise],
  "InvalidKeyPair.LimitExceeded": ["the quota of key pairs is used up", raise],
  "LimitExceeded.InstanceQuota": ["the quota of instances in the zone is used up", raise],
  "LimitExceeded.DisasterRecoverGroup": ["the quota of placement groups is used up", raise],
  "LimitExceeded.SpotQuota": ["the quota of spot instances in the zone is used up", raise],
  "LimitExceeded.UserSpotQuota": ["the account's quota of spot instances is used up", raise],
  "InvalidParameterValue.InsufficientPrice": [
    "the market asks more for a spot instance than charge.maxPrice",
    "Wait, or make another pool with a higher charge.maxPrice; `npm run cost` tells today's price",
  ],
  "UnsupportedOperation.NoInstanceTypeSupportSpot": [
    "the instance type is not sold as spot in the zone",
    "Choose another instance type, zone or kind of charge in the configuration",
  ],
  "UnsupportedOperation.InvalidRegionDiskEncrypt": [
    "the region has no encrypted disks of this kind",
    "Leave host.encryptSystemDisks and encrypt out, or choose another region",
  ],
  ResourceInsufficient: ["the zone has not enough of what was ordered", elsewhere],
  "ResourceInsufficient.DisasterRecoverGroupCvmQuota": [
    "the zone has no physical machine left that keeps the placement group spread, or the group is full",
    "Use fewer members, spread them over more zones, or choose another instance type; the group is never made laxer",
  ],
  "ResourceInsufficient.AvailabilityZoneSoldOut": ["the zone is sold out", elsewhere],
  "ResourceInsufficient.SpecifiedInstanceType": [
    "the zone is sold out of this instance type",
    elsewhere,
  ],
  "ResourceInsufficient.CloudDiskSoldOut": ["the zone is sold out of this disk type", elsewhere],
  ResourcesSoldOut: ["what was ordered is sold out", elsewhere],
  "InvalidZone.MismatchRegion": [
    "the region has no such zone",
    "Correct network.zones, or TENCENTCLOUD_REGION",
  ],
  UnsupportedRegion: ["there is no such region", "Correct TENCENTCLOUD_REGION"],
  InvalidImageId: ["there is no such image in the region", "Correct imageId in the configuration"],
  "InvalidParameterValue.InstanceTypeNotFound": [
    "there is no such instance type",
    "Correct instanceType in the configuration",
  ],
  "InvalidParameterValue.SubnetConflict": [
    "the range is taken by another subnet of the VPC",
    "Choose another network.zones.subnetCidr, or remove the other subnet",
  ],
  VpcIpIsUsed: [
    "the address is taken by something that is not in this stack",
    "Look what has it (`DescribeUsedIpAddress`) and remove it",
  ],
  "InvalidKeyPairName.Duplicate": [
    "there is a key pair of this name already",
    "Remove it, or give the cluster another name",
  ],
  "FailedOperation.PlacementSetNotEmpty": [
    "the placement group still has members",
    "Remove the instances in it that are not in this stack",
  ],
  "FailedOperation.ResourceInOperating": [
    "the load balancer is busy with another change",
    "Run the same command again",
  ],
  ResourceInUse: ["something else still uses it", "Run the same command again"],
  ResourceUnavailable: ["it is busy with another operation", "Run the same command again"],
  RequestLimitExceeded: [
    "too many calls at once",
    "Run the same command again, with a lower --parallel",
  ],
  InternalError: ["the API failed by itself", "Run the same command again"],
  "InvalidAccount.InsufficientBalance": ["the account has no balance", "Charge the account"],
  "FailedOperation.InvalidAccountInsufficientBalance": [
    "the account has no balance",
    "Charge the account",
  ],
  "ClientError.ParseJsonError": [
    "what answered is not the API, or it refused the call before reading it",
    "Check HTTP_PROXY, and whether a proxy limits the size of headers; then run the same command again",
  ],
  ClientError: [
    "the API cannot be reached",
    "Check the network and HTTP_PROXY, then run the same command again",
  ],
};

/** What a code of the API means and what to do about it; undefined for one that is not known. */
export function explainCode(code: string): Fault | undefined {
  const family = code.split(".")[0] ?? "";
  const found = explanations[code] ?? explanations[family];
  return found && { message: found[0], fix: found[1] };
}

/** Codes in an error as the provider and the SDKs print them. */
const codePattern = /\bCode=([A-Za-z]+(?:\.[A-Za-z0-9]+)*)/g;

/**
 * Explains an error of the provider.
 * @returns One line for each code that is known, `LimitExceeded: a quota of the account is used up. Ask …`.
 */
export function explainError(text: string): string[] {
  const codes = new Set([...text.matchAll(codePattern)].flatMap(([, code]) => code ?? []));
  return [...codes].flatMap((code) => {
    const fault = explainCode(code);
    return fault === undefined ? [] : [`${code}: ${fault.message}. ${fault.fix}.`];
  });
}
