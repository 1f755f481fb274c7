import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/cvm/v20170312/cvm_models";

import * as s from "../../schema";
import { defaultId } from "./defaultNetwork";
import { groupId } from "./placementGroups";

export const systemDiskSchema = s.model<Models.SystemDisk>({
  DiskType: s.optionalText,
  DiskId: s.optionalText,
  DiskSize: s.optionalInteger,
  CdcId: s.optionalText,
  DiskName: s.optionalText,
  Encrypt: s.optionalFlag,
  KmsKeyId: s.optionalText,
});

export const dataDiskSchema = s.model<Models.DataDisk>({
  DiskSize: s.integer,
  DiskType: s.optionalText,
  DiskId: s.optionalText,
  DeleteWithInstance: s.optionalFlag,
  SnapshotId: s.optionalText,
  Encrypt: s.optionalFlag,
  KmsKeyId: s.optionalText,
  ThroughputPerformance: s.optionalInteger,
  CdcId: s.optionalText,
  BurstPerformance: s.optionalFlag,
  DiskName: s.optionalText,
});

export const internetAccessibleSchema = s.model<Models.InternetAccessible>({
  InternetChargeType: s.optionalText,
  InternetMaxBandwidthOut: s.optionalInteger,
  PublicIpAssigned: s.optionalFlag,
  BandwidthPackageId: s.optionalText,
  InternetServiceProvider: s.optionalText,
  IPv4AddressType: s.optionalText,
  IPv6AddressType: s.optionalText,
  AntiDDoSPackageId: s.optionalText,
});

export const virtualPrivateCloudSchema = s.model<Models.VirtualPrivateCloud>({
  VpcId: s.id("vpc", "InvalidParameterValue.VpcIdMalformed", defaultId),
  SubnetId: s.id("subnet", "InvalidParameterValue.SubnetIdMalformed", defaultId),
  AsVpcGateway: s.optionalFlag,
  PrivateIpAddresses: s.optionalTexts,
  Ipv6AddressCount: s.optionalInteger,
});

export const loginSettingsSchema = s.model<Models.LoginSettings>({
  Password: s.optionalText,
  KeyIds: s.optionalTexts,
  KeepImageLogin: s.optionalText,
});

const switchedOn = s.model<Models.RunSecurityServiceEnabled>({ Enabled: s.optionalFlag });

export const enhancedServiceSchema = s.model<Models.EnhancedService>({
  SecurityService: switchedOn.optional(),
  MonitorService: switchedOn.optional(),
  AutomationService: switchedOn.optional(),
});

export const prepaidSchema = s.model<Models.InstanceChargePrepaid>({
  Period: s.integer,
  RenewFlag: s.optionalText,
});

export const runSchema = s.model<Models.RunInstancesRequest>({
  InstanceChargeType: s.optionalText,
  InstanceChargePrepaid: prepaidSchema.optional(),
  Placement: s
    .model<Models.Placement>({
      Zone: s.text,
      ProjectId: s.optionalInteger,
      HostIds: s.optionalTexts,
      HostId: s.optionalText,
      DedicatedResourcePackTenancy: s.optionalText,
      DedicatedResourcePackIds: s.optionalTexts,
      RackId: s.optionalText,
    })
    .optional(),
  InstanceType: s.optionalText,
  ImageId: s.id("img", "InvalidImageId.Malformed").optional(),
  SystemDisk: systemDiskSchema.optional(),
  DataDisks: dataDiskSchema.array().max(20).optional(),
  VirtualPrivateCloud: virtualPrivateCloudSchema.optional(),
  InternetAccessible: internetAccessibleSchema.optional(),
  InstanceCount: s.optionalInteger,
  MinCount: s.optionalInteger,
  InstanceName: s.optionalText,
  LoginSettings: loginSettingsSchema.optional(),
  SecurityGroupIds: s.optionalTexts,
  EnhancedService: enhancedServiceSchema.optional(),
  ClientToken: s.optionalText,
  HostName: s.optionalText,
  ActionTimer: s.ignored,
  DisasterRecoverGroupIds: groupId.array().max(3).optional(),
  TagSpecification: s.tagSpecification,
  InstanceMarketOptions: s.ignored,
  UserData: s.optionalText,
  Metadata: s.ignored,
  DryRun: s.optionalFlag,
  CpuTopology: s.ignored,
  CamRoleName: s.optionalText,
  HpcClusterId: s.optionalText,
  LaunchTemplate: s.ignored,
  DedicatedClusterId: s.optionalText,
  ChcIds: s.optionalTexts,
  PartitionNumber: s.optionalInteger,
  DisableApiTermination: s.optionalFlag,
  EnableJumboFrame: s.optionalFlag,
  NetworkInterfaces: s.ignored,
});
