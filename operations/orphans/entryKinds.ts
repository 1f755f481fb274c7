import { allPages } from "../../components/preflight/pages";
import { type Kind, resource } from "./kind";

/** Tags as these services write them, in the others' form. */
function pairs(tags: { TagKey?: string; TagValue?: string }[] | undefined | null) {
  return tags?.map(({ TagKey, TagValue }) => ({ Key: TagKey, Value: TagValue }));
}

export const loadBalancer: Kind = {
  type: "tencentcloud:index/clbInstance:ClbInstance",
  noun: "load balancer",
  nameInput: "clbName",
  async list({ clb }) {
    const found = await allPages(
      async (page) => (await clb.DescribeLoadBalancers(page)).LoadBalancerSet,
    );
    return found.map((each) =>
      resource(
        this,
        each.LoadBalancerId,
        each.LoadBalancerName,
        each.CreateTime,
        pairs(each.Tags),
        { place: { vpcId: each.VpcId, subnetId: each.SubnetId, vip: each.LoadBalancerVips?.[0] } },
      ),
    );
  },
  // Its listeners go along.
  remove: ({ clb }, { id }) => clb.DeleteLoadBalancer({ LoadBalancerIds: [id] }),
};

export const targetGroup: Kind = {
  type: "tencentcloud:index/clbTargetGroup:ClbTargetGroup",
  noun: "target group",
  nameInput: "targetGroupName",
  async list({ clb }) {
    const found = await allPages(
      async (page) => (await clb.DescribeTargetGroups(page)).TargetGroupSet,
    );
    return found.map((each) =>
      resource(this, each.TargetGroupId, each.TargetGroupName, each.CreatedTime, pairs(each.Tag), {
        place: { vpcId: each.VpcId },
        used: (each.AssociatedRule ?? []).length > 0,
      }),
    );
  },
  remove: ({ clb }, { id }) => clb.DeleteTargetGroups({ TargetGroupIds: [id] }),
};

export const privateZone: Kind = {
  type: "tencentcloud:index/privateDnsZone:PrivateDnsZone",
  noun: "private DNS zone",
  nameInput: "domain",
  async list({ privatedns }) {
    const found = await allPages(
      async (page) => (await privatedns.DescribePrivateZoneList(page)).PrivateZoneSet,
    );
    return found.map((each) =>
      resource(this, each.ZoneId, each.Domain, each.CreatedOn, pairs(each.Tags), {
        used: (each.RecordCount ?? 0) > 0,
      }),
    );
  },
  remove: ({ privatedns }, { id }) => privatedns.DeletePrivateZone({ ZoneId: id }),
};
