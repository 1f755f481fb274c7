import type { Call } from "../../action";
import { firstFree, isUsable, parseAddress, parseRange, usedAddresses } from "../../addressing";
import { ApiError } from "../../errors";
import type { SubnetRecord } from "../../records";

/** @throws ApiError when the address cannot be had. */
export function choosePrivateIp({ store }: Call, subnet: SubnetRecord, wanted?: string): string {
  const range = parseRange(subnet.cidr);
  const used = new Set(usedAddresses(store, subnet.vpcId).map((each) => each.ip));
  if (wanted === undefined) {
    const free = firstFree(range, used);
    if (free === undefined) {
      throw new ApiError(
        "FailedOperation.NoAvailableIpAddressCountInSubnet",
        `${subnet.id} has no free address.`,
      );
    }
    return free;
  }
  const address = parseAddress(wanted);
  if (address === undefined) {
    throw new ApiError("InvalidParameterValue.IPAddressMalformed", `'${wanted}' is no address.`);
  }
  if (!isUsable(range, address)) {
    throw new ApiError("VpcAddrNotInSubNet", `${wanted} is no usable address of ${subnet.cidr}.`);
  }
  if (used.has(wanted)) {
    throw new ApiError("VpcIpIsUsed", `${wanted} is in use already.`);
  }
  return wanted;
}
