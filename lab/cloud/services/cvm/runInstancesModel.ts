import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/cvm/v20170312/cvm_models";

import * as s from "../../schema";
import { defaultId } from "./defaultNetwork";
import { groupId } from "./placementGroups";

export const imageId = s.id("img", "InvalidImageId.Malformed");

export const placementSchema = s.model<Models.Placement>({
  Zone: s.text,
  ProjectId: s.optionalInteger,
  HostIds: s.refused,
  HostId: s.refused,
  DedicatedResourcePackTenancy: s.refused,
  DedicatedResourcePackIds: s.refused,
  RackId: s.refused,
});

export const systemDiskSchema = s.model<Models.SystemDisk>({
  DiskType: s.optionalText,
  DiskId: s.ignored,
  DiskSize: s.optionalInteger,
  CdcId: s.refused,
  DiskName: s.name(128).optional(),
  Encrypt: s.optionalFlag,
  KmsKeyId: s.refused,
});

export const dataDiskSchema = s.model<Models.DataDisk>({
  DiskSize: s.integer,
  DiskType: s.optionalText,
  DiskId: s.optionalText,
  DeleteWithInstance: s.optionalFlag,
  SnapshotId: s.refused,
  Encrypt: s.optionalFlag,
  KmsKeyId: s.refused,
  ThroughputPerformance: s.optionalInteger,
  CdcId: s.refused,
  BurstPerformance: s.refused,
  DiskName: s.name(128).optional(),
});

export const internetAccessibleSchema = s.model<Models.InternetAccessible>({
  InternetChargeType: s.optionalText,
  InternetMaxBandwidthOut: s.optionalInteger,
  PublicIpAssigned: s.optionalFlag,
  BandwidthPackageId: s.refused,
  InternetServiceProvider: s.ignored,
  IPv4AddressType: s.ignored,
  IPv6AddressType: s.ignored,
  AntiDDoSPackageId: s.refused,
});

export const virtualPrivateCloudSchema = s.model<Models.VirtualPrivateCloud>({
  VpcId: s.id("vpc", "InvalidParameterValue.VpcIdMalformed", defaultId),
  SubnetId: s.id("subnet", "InvalidParameterValue.SubnetIdMalformed", defaultId),
  AsVpcGateway: s.ignored,
  PrivateIpAddresses: s.optionalTexts,
  Ipv6AddressCount: s.refused,
});

export const loginSettingsSchema = s.model<Models.LoginSettings>({
  Password: s.ignored,
  KeyIds: s.optionalTexts,
  KeepImageLogin: s.optionalText,
});

export const prepaidSchema = s.model<Models.InstanceChargePrepaid>({
  Period: s.integer,
  RenewFlag: s.optionalText,
});

export const marketSchema = s.model<Models.InstanceMarketOptionsRequest>({
  SpotOptions: s.model<Models.SpotMarketOptions>({
    MaxPrice: s.text,
    SpotInstanceType: s.optionalText,
  }),
  MarketType: s.optionalText,
});

export const runSchema = s.model<Models.RunInstancesRequest>({
  InstanceChargeType: s.optionalText,
  InstanceChargePrepaid: prepaidSchema.optional(),
  Placement: placementSchema.optional(),
  InstanceType: s.optionalText,
  ImageId: imageId.optional(),
  SystemDisk: systemDiskSchema.optional(),
  DataDisks: dataDiskSchema.array().max(20).optional(),
  VirtualPrivateCloud: virtualPrivateCloudSchema.optional(),
  InternetAccessible: internetAccessibleSchema.optional(),
  InstanceCount: s.optionalInteger,
  MinCount: s.optionalInteger,
  InstanceName: s.optionalText,
  LoginSettings: loginSettingsSchema.optional(),
  SecurityGroupIds: s.optionalTexts,
  EnhancedService: s.ignored,
  ClientToken: s.optionalText,
  HostName: s.optionalText,
  ActionTimer: s.refused,
  DisasterRecoverGroupIds: groupId.array().max(3).optional(),
  TagSpecification: s.tagSpecification,
  InstanceMarketOptions: marketSchema.optional(),
  UserData: s.optionalText,
  Metadata: s.ignored,
  DryRun: s.optionalFlag,
  CpuTopology: s.refused,
  CamRoleName: s.optionalText,
  HpcClusterId: s.refused,
  LaunchTemplate: s.refused,
  DedicatedClusterId: s.refused,
  ChcIds: s.refused,
  PartitionNumber: s.refused,
  DisableApiTermination: s.optionalFlag,
  EnableJumboFrame: s.refused,
  NetworkInterfaces: s.refused,
});
