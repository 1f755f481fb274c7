import { until, type Clients } from "./cloud";

/** Waits until the task of a call is over. @throws Error when it failed or goes on too long. */
export async function done<T extends { RequestId?: string }>(
  { clb }: Clients,
  call: Promise<T>,
): Promise<T> {
  const answer = await call;
  const { Status } = await until(
    () => clb.DescribeTaskStatus({ TaskId: answer.RequestId }),
    (task) => task.Status !== 2,
  );
  if (Status !== 0) {
    throw new Error(`task ${answer.RequestId ?? ""} ended with ${String(Status)}`);
  }
  return answer;
}

/** Orders an internal load balancer and waits until it is there. @returns its id. */
export async function makeLoadBalancer(
  clients: Clients,
  network: { vpcId: string; subnetId: string },
  fields: object = {},
): Promise<string> {
  const made = await done(
    clients,
    clients.clb.CreateLoadBalancer({
      LoadBalancerType: "INTERNAL",
      VpcId: network.vpcId,
      SubnetId: network.subnetId,
      ...fields,
    }),
  );
  return made.LoadBalancerIds?.[0] as string;
}
