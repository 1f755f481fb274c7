import { exposureFault, isWorld } from "../../../components/plan/rules/exposure";
import { spreadFault } from "../../../components/plan/rules/spread";

test.each([
  ["0.0.0.0/0", true],
  ["0.0.0.0/1", true],
  ["128.0.0.0/7", true],
  ["10.0.0.0/8", false],
  ["10.1.2.3/8", false],
  ["203.0.113.7", false],
  ["::/0", true],
  ["2000::/3", true],
  ["2001:db8::/32", false],
  ["2001:db8::1", false],
  ["everybody", true],
  ["", true],
])("%s means everybody: %s", (cidr, expected) => {
  expect(isWorld(cidr)).toBe(expected);
});

const world = "0.0.0.0/0";
test.each([
  [{ protocol: "TCP", ports: "22", cidr: world }, "SSH (22)"],
  [{ protocol: "tcp", ports: "6443", cidr: world }, "the API (6443)"],
  [{ protocol: "TCP", ports: "2380", cidr: world }, "etcd (2379-2381)"],
  [{ protocol: "TCP", ports: "2000-2379", cidr: world }, "etcd (2379-2381)"],
  [{ protocol: "TCP", ports: "9100", cidr: world }, "a host's metrics (9100)"],
  [{ protocol: "TCP", ports: "8405", cidr: world }, "HAProxy's metrics (8405)"],
  [{ protocol: "TCP", ports: "2381", cidr: world }, "etcd (2379-2381)"],
  [{ protocol: "TCP", ports: "80,10250", cidr: "::/0" }, "the kubelet (10250)"],
  [{ protocol: "TCP", ports: "ALL", cidr: world }, "SSH (22), the API (6443), etcd (2379-2381)"],
  [{ protocol: "TCP", cidr: world }, "SSH (22)"],
  [{ protocol: "ALL", ports: "80", cidr: world }, "SSH (22)"],
  [{ cidr: world }, "SSH (22)"],
])("%j is refused", (rule, expected) => {
  expect(exposureFault(rule)?.message).toContain(expected);
});

test.each([
  { protocol: "TCP", ports: "80,443", cidr: world },
  { protocol: "TCP", ports: "23-2378", cidr: world },
  { protocol: "TCP", ports: "30000-32767", cidr: world },
  { protocol: "UDP", ports: "ALL", cidr: world },
  { protocol: "ICMP", ports: "ALL", cidr: world },
  { protocol: "TCP", ports: "22", cidr: "203.0.113.0/24" },
  { protocol: "TCP", ports: "22" },
])("%j is fine", (rule) => {
  expect(exposureFault(rule)).toBeUndefined();
});

test.each([
  [undefined, "is in no placement group", "Put it in the etcd group, of type HOST"],
  [{ type: undefined }, "has type (none)", "Use one of HOST, SW, RACK"],
  [{ type: "host" }, "has type host", "Use one of HOST, SW, RACK"],
  [{ type: "HOST", affinity: 2 }, "has affinity 2", "Set affinity to 1, or leave it out"],
])("group %j is refused", (group, expected, fix) => {
  const fault = spreadFault("etcd", group);
  expect(fault?.message).toContain(expected);
  expect(fault?.fix).toBe(fix);
});

test.each([{ type: "HOST" }, { type: "HOST", affinity: 1 }, { type: "SW" }, { type: "RACK" }])(
  "group %j is strict enough",
  (group) => {
    expect(spreadFault("master", group)).toBeUndefined();
  },
);
