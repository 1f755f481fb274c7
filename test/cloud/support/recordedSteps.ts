import { type Playing } from "./recorded";

/** A recorded call, and what is particular about it when it is played. */
export type Step = string | readonly [call: string, playing: Playing];

/** Until an instance runs. */
export const running = { until: /"InstanceState":"RUNNING"/ };

/** What ends an instance, and how the provider sees that it has. */
export const terminated = (id: string): readonly Step[] => [
  ["cvm:TerminateInstances", { with: { InstanceIds: [id] } }],
  ["cvm:DescribeInstances", { with: { InstanceIds: [id] }, until: /"TotalCount":0/, finds: 0 }],
];

/** What ends an EIP, and how the provider sees that it has: it looks twice. */
export const released = (id: string): readonly Step[] => [
  ["vpc:ReleaseAddresses", { with: { AddressIds: [id] } }],
  ["vpc:DescribeAddresses", { with: { AddressIds: [id] }, finds: 0 }],
  ["vpc:DescribeAddresses#4", { with: { AddressIds: [id] }, finds: 0 }],
];
