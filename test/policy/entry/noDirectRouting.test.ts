import { noDirectRouting as policy } from "../../../policy/rules/entry/noDirectRouting";
import { found, tokenOf, unknown } from "../judge";
import { clusterComponent, step } from "../steps";

const path = "/etc/keepalived/keepalived.conf";
const keepalived = (kind: string) => `virtual_server 10.0.0.10 6443 {\n    ${kind}\n}\n`;
const inStep = (content: string) => found(policy, [step("balancer", "b", [{ path, content }])]);
const inInstance = (props: Record<string, unknown>) =>
  found(policy, [{ type: tokenOf("instance"), name: "b", props }]);
const fix =
  "Use HAProxy behind a HAVIP, a CLB, or LVS with NAT; on a real layer-2 network say network.layer2: true.";

const direct = [
  keepalived("lb_kind DR"),
  keepalived("lvs_method DR"),
  "ipvsadm -a -t 10.0.0.10:6443 -r 10.0.0.2 -g\n",
  "x\nipvsadm -a -t 10.0.0.10:6443 -r 10.0.0.2 --gatewaying -w 1",
];
const others = [
  keepalived("lb_kind NAT"),
  keepalived("lvs_method TUN"),
  keepalived("# lb_kind DR"),
  "ipvsadm -a -t 10.0.0.10:6443 -r 10.0.0.2 -m\n",
  "grep -g x",
];

test.each(direct)("%j is denied, wherever it is", (content) => {
  expect(inStep(content)).toEqual([`b-balancer: ${path} sets up LVS with direct routing. ${fix}`]);
  const expected = [`b: the user data sets up LVS with direct routing. ${fix}`];
  expect(inInstance({ userDataRaw: content })).toEqual(expected);
  expect(inInstance({ userData: Buffer.from(content).toString("base64") })).toEqual(expected);
});

test.each(others)("%j is allowed", (content) => {
  expect(inStep(content)).toEqual([]);
  expect(inInstance({ userDataRaw: content })).toEqual([]);
  expect(inInstance({ userData: Buffer.from(content).toString("base64") })).toEqual([]);
});

test("hosts without user data, or with one not known yet, say nothing", () => {
  expect(inInstance({})).toEqual([]);
  expect(inInstance({ userDataRaw: unknown })).toEqual([]);
  expect(inStep(unknown)).toEqual([]);
});

describe("where the configuration", () => {
  const cluster = (layer2: unknown) => {
    const component = clusterComponent();
    component.props.config = { name: "prod", network: { layer2 } };
    return component;
  };
  const director = step("director", "d", [{ path, content: keepalived("lvs_method DR") }]);

  test("says that frames go by MAC, it is allowed", () => {
    expect(found(policy, [cluster(true), director])).toEqual([]);
  });

  test.each([false, undefined, "true", unknown])("says %j of it, it is denied", (layer2) => {
    expect(found(policy, [cluster(layer2), director])).toHaveLength(1);
  });

  test("is of another cluster, it is denied", () => {
    expect(found(policy, [{ ...cluster(true), name: "other" }, director])).toHaveLength(1);
  });
});
