/** What there is in the account, by the cloud's API; run where that is reached. */
import { clientsFrom } from "../../../components/preflight/clients";

async function main(): Promise<void> {
  const { cvm, vpc } = clientsFrom(process.env);
  const [vpcs, subnets, instances, groups] = await Promise.all([
    vpc.DescribeVpcs({}),
    vpc.DescribeSubnets({}),
    cvm.DescribeInstances({}),
    vpc.DescribeSecurityGroups({}),
  ]);
  console.log(
    JSON.stringify({
      vpcs: vpcs.VpcSet?.map(({ VpcId }) => VpcId),
      subnets: subnets.SubnetSet?.map(({ SubnetName }) => SubnetName),
      instances: instances.InstanceSet?.map(({ InstanceId }) => InstanceId),
      groups: groups.SecurityGroupSet?.map(({ SecurityGroupName }) => SecurityGroupName),
    }),
  );
}

void main();
