import { readCidr } from "../../../components/plan/cidr";
import {
  linkLocalRange,
  type NamedRange,
  overlapProblems,
  platformRange,
} from "../../../components/plan/rules/networks";
import { type Resource, type Stack } from "../../facts/stack";
import { object, text } from "../../facts/values";
import { type Finding, type Rule } from "../rule";

/** Compares the ranges of VPCs and their subnets, and those of pods and Services that a Network component registers. */
export const rangesDisjoint: Rule = {
  id: "network-ranges-disjoint",
  description:
    "The ranges of pods, Services, VPC and platform (100.64.0.0/10, 169.254.0.0/16) share no address, and no two subnets of a VPC do.",
  level: "mandatory",
  why: "An address in two ranges is reached in one of them: health checks come from 100.64.0.0/10, and a Service in the VPC's range hides a host.",
  source:
    'Tencent Cloud CLB, document 214/6097 (probe sources); kubernetes.io, "Cluster Networking"',
  fix: "Give each a range of its own",
  scope: "stack",
  judge: (stack) => [
    ...stack.of("vpc").flatMap((vpc) => judgeVpc(stack, vpc)),
    ...stack.of("network").flatMap(judgeNetwork),
  ],
};

const platform: readonly NamedRange[] = [
  { path: "the platform", cidr: platformRange },
  { path: "the link-local range", cidr: linkLocalRange },
];

function judgeVpc(stack: Stack, vpc: Resource): Finding[] {
  const subnets = stack
    .of("subnet")
    .filter((subnet) => stack.sources(subnet, "vpcId", "vpc").includes(vpc));
  return [
    ...overlaps(vpc.urn, [...readable(`VPC ${vpc.name}`, vpc.props.cidrBlock), ...platform]),
    ...overlaps(
      vpc.urn,
      subnets.flatMap(({ name, props }) => readable(`subnet ${name}`, props.cidrBlock)),
    ),
  ];
}

function judgeNetwork({ urn, props }: Resource): Finding[] {
  const { podCidr, serviceCidr, vpcCidr } = object(props.plan);
  return overlaps(urn, [
    ...readable("pods", podCidr),
    ...readable("Services", serviceCidr),
    ...readable("the VPC", vpcCidr),
    ...platform,
  ]);
}

/** A range as it is written; one that is no range is refused by the cloud. */
function readable(path: string, cidr: unknown): NamedRange[] {
  const range = readCidr(text(cidr) ?? "");
  return range === undefined ? [] : [{ path, cidr: range.text }];
}

function overlaps(urn: string, ranges: readonly NamedRange[]): Finding[] {
  return overlapProblems(ranges).map(({ path, message, fix }) => ({
    message: `${path}: ${message}`,
    fix,
    urn,
  }));
}
