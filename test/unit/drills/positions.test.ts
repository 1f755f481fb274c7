import type { HostPlan } from "../../../components/plan";
import { positionsOf } from "../../../drills/positions";
import type { Cast, Site } from "../../../drills/site";
import { examplesOf } from "../../../lab/examples";
import { labPlan } from "../../support/labPlan";

/** Positions as `name by way: what the name stands for`. */
function positions(entry: string, struckToo = false): string[] {
  const plan = labPlan({ entry });
  const [struck, master] = plan.masters as [HostPlan, HostPlan];
  const cast = { machine: "m", struck, master, worker: plan.workers[0], holder: undefined } as Cast;
  return positionsOf({ plan } as Site, cast, struckToo).map(
    ({ name, way, resolve, host }) => `${name} on ${host.name} by ${way}: ${resolve}`,
  );
}

const onHosts = [
  "outside on lab-bastion-1 by entry: always",
  "worker on lab-worker-1 by entry: always",
  "master on lab-master-2 by entry: always",
];
const byService = [
  "worker-pod-service on lab-worker-1 by service: 10.96.0.1",
  "master-pod-service on lab-master-2 by service: 10.96.0.1",
];

test.each(examplesOf("entry"))("%s: by the one name on hosts, by the Service in pods", (entry) => {
  expect(positions(entry)).toEqual(expect.arrayContaining([...onHosts, ...byService]));
});

test("pods reach an entry that is an address of the network by that", () => {
  expect(positions("vip")).toContain("worker-pod on lab-worker-1 by entry: 10.20.1.10");
  expect(positions("lvs-nat")).toContain("master-pod on lab-master-2 by entry: 10.20.1.12");
});

test("pods ask the name server where the kind has a private zone", () => {
  expect(positions("clb")).toContain("worker-pod on lab-worker-1 by entry: once");
});

test("a proxy on the node's loopback is no pod's", () => {
  expect(positions("node-nginx").sort()).toEqual([...onHosts, ...byService].sort());
});

test("the struck master is asked where its host lives on", () => {
  expect(positions("vip", true)).toContain("struck-master on lab-master-1 by struck: always");
});
