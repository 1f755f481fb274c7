import { judge } from "../../../../operations/status/judge";
import { renderStatus } from "../../../../operations/status/report";
import { healthyCluster } from "./healthy";

test("a healthy cluster in words", () => {
  const text = renderStatus(judge(healthyCluster().facts));
  expect(text).toMatch(/^healthy\n/);
  expect(text).toMatch(/prod-etcd-2 +│ leader +│ yes +│ 3\.6\.5 +│ 20 MiB of 2048 MiB/);
  expect(text).toMatch(/prod-master-1 +│ ready +│ v1\.36\.1 +│ kube-scheduler /);
  expect(text).toContain(
    "entry        vip https://api.prod.internal:6443 (10.0.0.100, held by prod-balancer-2), answers on 6 of 6 hosts",
  );
  expect(text).toContain("snapshots    none");
  expect(text).toContain("may be lost  physicalHosts 1, etcdMembers 1, masters 2, balancers 1");
});

test("what is wrong comes first, with what to do", () => {
  const cluster = healthyCluster();
  cluster.kill("prod-etcd-2");
  const text = renderStatus(judge(cluster.facts));
  expect(text).toMatch(
    /^NOT HEALTHY: 1 finding\n {2}prod-etcd-2: cannot be asked \(etcd\): ssh: connect timed out\n {6}-> docs\/runbooks/,
  );
  expect(text).toMatch(/prod-etcd-2 +│ AWAY +│ NO /);
  expect(text).toContain("etcdMembers 0 of 1");
});
