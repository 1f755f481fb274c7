import { answer } from "./answer";
import type { CloudClients } from "./clients";
import type { CloudDemand } from "./demand";
import type { Answer } from "./facts";
import { allPages } from "./pages";

/** Nobody needs the permission for what the cluster does not take. */
const notAsked = <T>(value: T): Promise<Answer<T>> => Promise.resolve({ value });

/** Names of the internal load balancers there are. */
export function askLoadBalancers({ clb }: CloudClients, { loadBalancers }: CloudDemand) {
  if (loadBalancers.length === 0) return notAsked<string[]>([]);
  return answer("clb:DescribeLoadBalancers", async () =>
    (
      await allPages(
        async (page) =>
          (await clb.DescribeLoadBalancers({ LoadBalancerType: "INTERNAL", ...page }))
            .LoadBalancerSet,
      )
    ).map(({ LoadBalancerName }) => LoadBalancerName ?? ""),
  );
}

/** How many internal load balancers the account may have. */
export function askLoadBalancerQuota({ clb }: CloudClients, { loadBalancers }: CloudDemand) {
  if (loadBalancers.length === 0) return notAsked({ limit: 0, used: 0 });
  return answer("clb:DescribeQuota", async () => {
    const { QuotaSet } = await clb.DescribeQuota(null);
    const internal = QuotaSet?.find(({ QuotaId }) => QuotaId === "TOTAL_INTERNAL_CLB_QUOTA");
    return { limit: internal?.QuotaLimit ?? Infinity, used: internal?.QuotaCurrent ?? 0 };
  });
}
