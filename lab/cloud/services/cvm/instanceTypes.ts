import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/cvm/v20170312/cvm_models";

import { action } from "../../action";
import { listHosts } from "../../physical";
import { applyFilters, cvmRules } from "../../query";
import * as s from "../../schema";
import type { CloudSettings } from "../../settings";
import { chargeTypes, type ChargeType, spotFamilies } from "./sold";
import { zoneNames } from "./zones";

export interface InstanceType {
  name: string;
  family: string;
  cpus: number;
  memoryGiB: number;
}

/** [size, vCPU, GiB] of the standard families. */
const sizes: [string, number, number][] = [
  ["SMALL1", 1, 1],
  ["SMALL2", 1, 2],
  ["SMALL4", 1, 4],
  ["MEDIUM2", 2, 2],
  ["MEDIUM4", 2, 4],
  ["MEDIUM8", 2, 8],
  ["LARGE8", 4, 8],
  ["LARGE16", 4, 16],
  ["2XLARGE16", 8, 16],
  ["2XLARGE32", 8, 32],
  ["4XLARGE32", 16, 32],
  ["4XLARGE64", 16, 64],
];
/** Families that can be bought in the lab. */
export const instanceFamilies = ["S5", "S6", "SA2"];

/** What can be bought in the lab. */
export const instanceTypes: readonly InstanceType[] = instanceFamilies.flatMap((family) =>
  sizes.map(([size, cpus, memoryGiB]) => ({
    name: `${family}.${size}`,
    family,
    cpus,
    memoryGiB,
  })),
);

interface Offer extends InstanceType {
  zone: string;
  charge: ChargeType;
  sold: boolean;
}

/** Every type in every zone, by how it is paid for; sold out where no host could ever carry it. */
function offers(settings: CloudSettings): Offer[] {
  const hosts = listHosts(settings.inventory);
  return zoneNames(settings).flatMap((zone) =>
    instanceTypes.flatMap((type) =>
      chargeTypes
        .filter((charge) => charge !== "SPOTPAID" || spotFamilies.includes(type.family))
        .map((charge) => ({
          ...type,
          zone,
          charge,
          sold: !hosts.some(
            (host) =>
              host.zone === zone && host.cpus >= type.cpus && host.memoryGiB >= type.memoryGiB,
          ),
        })),
    ),
  );
}

const fields = {
  zone: (v: Offer): string => v.zone,
  "instance-family": (v: Offer): string => v.family,
  "instance-type": (v: Offer): string => v.name,
  "instance-charge-type": (v: Offer): string => v.charge,
  "sort-keys": (): string[] => [],
};

function quotaItem(offer: Offer): s.Full<Models.InstanceTypeQuotaItem> {
  return {
    Zone: offer.zone,
    InstanceType: offer.name,
    InstanceChargeType: offer.charge,
    NetworkCard: 0,
    Externals: { ReleaseAddress: false, UnsupportNetworks: [], StorageBlockAttr: null },
    Cpu: offer.cpus,
    Memory: offer.memoryGiB,
    InstanceFamily: offer.family,
    TypeName: `Standard ${offer.family}`,
    LocalDiskTypeList: [],
    Status: offer.sold ? "SOLD_OUT" : "SELL",
    Price: null,
    SoldOutReason: offer.sold ? "no host of the lab can carry it" : "",
    InstanceBandwidth: 1.5,
    InstancePps: 30,
    StorageBlockAmount: 0,
    CpuType: "Intel Xeon Cascade Lake 8255C",
    Gpu: 0,
    Fpga: 0,
    Remark: "",
    GpuCount: 0,
    Frequency: "2.5GHz/3.1GHz",
    StatusCategory: offer.sold ? "WithoutStock" : "EnoughStock",
  };
}

const describeZoneInstanceConfigInfos = action<
  Models.DescribeZoneInstanceConfigInfosRequest,
  Models.DescribeZoneInstanceConfigInfosResponse
>(
  "DescribeZoneInstanceConfigInfos",
  s.model<Models.DescribeZoneInstanceConfigInfosRequest>({ Filters: s.filters }),
  ({ settings }, request) => ({
    InstanceTypeQuotaSet: applyFilters(offers(settings), request.Filters, fields, {
      ...cvmRules,
      maxValues: 100,
    }).map(quotaItem),
  }),
);

const describeInstanceTypeConfigs = action<
  Models.DescribeInstanceTypeConfigsRequest,
  Models.DescribeInstanceTypeConfigsResponse
>(
  "DescribeInstanceTypeConfigs",
  s.model<Models.DescribeInstanceTypeConfigsRequest>({ Filters: s.filters }),
  ({ settings }, request) => ({
    // A type is one, however it is paid for.
    InstanceTypeConfigSet: applyFilters(offers(settings), request.Filters, fields, cvmRules)
      .filter(({ charge }) => charge === "POSTPAID_BY_HOUR")
      .map((offer) => ({
        Zone: offer.zone,
        InstanceType: offer.name,
        InstanceFamily: offer.family,
        GPU: 0,
        CPU: offer.cpus,
        Memory: offer.memoryGiB,
        FPGA: 0,
        GpuCount: 0,
        GpuType: "",
        GpuMemory: 0,
      })),
  }),
);

export const instanceTypeActions = [describeZoneInstanceConfigInfos, describeInstanceTypeConfigs];
