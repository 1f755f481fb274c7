import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/vpc/v20170312/vpc_models";

import type { Call } from "../../action";
import { parseAddress, parseRange } from "../../addressing";
import { ApiError } from "../../errors";
import type { PolicyRecord } from "../../records";
import * as s from "../../schema";
import { apiTime } from "./common";
import { requireSecurityGroup } from "./securityGroups";

const protocols = ["TCP", "UDP", "ICMP", "ICMPV6", "GRE", "ALL"];

const policySchema = s.model<Models.SecurityGroupPolicy>({
  PolicyIndex: s.optionalInteger,
  Protocol: s.optionalText,
  Port: s.optionalText,
  ServiceTemplate: s.ignored,
  CidrBlock: s.optionalText,
  Ipv6CidrBlock: s.optionalText,
  SecurityGroupId: s.optionalText,
  AddressTemplate: s.ignored,
  Action: s.optionalText,
  PolicyDescription: s.optionalText,
  ModifyTime: s.optionalText,
  Priority: s.optionalInteger,
});

export const policySetSchema = s.model<Models.SecurityGroupPolicySet>({
  Version: s.optionalText,
  Egress: policySchema.array().optional(),
  Ingress: policySchema.array().optional(),
  PolicyStatistics: s.ignored,
});

/** @throws ApiError unless `port` is ALL, one port, a list of ports or a range. */
function checkPort(port: string): void {
  const parts = port.split(/[,-]/);
  const numbers = parts.map(Number);
  const wellFormed = /^\d+(-\d+)?$|^\d+(,\d+)*$/.test(port);
  const inRange = numbers.every((n) => n >= 0 && n <= 65535);
  const ordered = !port.includes("-") || (numbers[0] as number) <= (numbers[1] as number);
  if (!wellFormed || !inRange || !ordered) {
    throw new ApiError(
      "InvalidParameterValue.Malformed",
      `Port '${port}' is none of ALL, 22, 80,443 or 30000-32767.`,
    );
  }
}

export function toRecord({ store, now }: Call, policy: Models.SecurityGroupPolicy): PolicyRecord {
  if (policy.ServiceTemplate || policy.AddressTemplate) {
    throw new ApiError(
      "UnsupportedOperation",
      "Address and service templates are not served by the lab.",
    );
  }
  const protocol = (policy.Protocol ?? "ALL").toUpperCase();
  const port = (policy.Port || "ALL").toUpperCase();
  const action = (policy.Action ?? "").toUpperCase();
  if (!protocols.includes(protocol)) {
    throw new ApiError(
      "InvalidParameterValue.Malformed",
      `Protocol '${protocol}' is not one of ${protocols.join(", ")}.`,
    );
  }
  if (action !== "ACCEPT" && action !== "DROP") {
    throw new ApiError(
      "InvalidParameterValue.Malformed",
      `Action '${action}' is not ACCEPT or DROP.`,
    );
  }
  if (port !== "ALL") {
    if (protocol !== "TCP" && protocol !== "UDP") {
      throw new ApiError(
        "InvalidParameterValue.Malformed",
        `Protocol ${protocol} takes Port ALL only.`,
      );
    }
    checkPort(port);
  }
  const sources = [policy.CidrBlock, policy.Ipv6CidrBlock, policy.SecurityGroupId].filter(Boolean);
  if (sources.length > 1) {
    throw new ApiError(
      "InvalidParameter.Coexist",
      "CidrBlock, Ipv6CidrBlock and SecurityGroupId exclude each other.",
    );
  }
  if (policy.CidrBlock && parseAddress(policy.CidrBlock) === undefined) {
    parseRange(policy.CidrBlock);
  }
  if (policy.SecurityGroupId) {
    requireSecurityGroup(store, policy.SecurityGroupId);
  }
  return {
    protocol: protocol.toLowerCase(),
    port,
    // Without a source a rule is for everyone, as in the real API.
    cidr: policy.CidrBlock ?? (sources.length === 0 ? "0.0.0.0/0" : ""),
    ipv6Cidr: policy.Ipv6CidrBlock ?? "",
    securityGroupId: policy.SecurityGroupId ?? "",
    action,
    description: policy.PolicyDescription ?? "",
    modifiedAt: now.toISOString(),
  };
}

export function toModel(policy: PolicyRecord, index: number): s.Full<Models.SecurityGroupPolicy> {
  return {
    PolicyIndex: index,
    Protocol: policy.protocol,
    Port: policy.port,
    ServiceTemplate: { ServiceId: "", ServiceGroupId: "" },
    CidrBlock: policy.cidr,
    // Present though empty: the provider reads SecurityGroupId only beside it.
    Ipv6CidrBlock: policy.ipv6Cidr,
    SecurityGroupId: policy.securityGroupId,
    AddressTemplate: { AddressId: "", AddressGroupId: "" },
    Action: policy.action,
    PolicyDescription: policy.description,
    ModifyTime: apiTime(policy.modifiedAt),
    Priority: index,
  };
}
