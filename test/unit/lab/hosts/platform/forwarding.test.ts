import { parseConnections } from "../../../../../lab/hosts/platform/connections";
import { renderForwarding, type Forwarding } from "../../../../../lab/hosts/platform/forwarding";
import { block } from "../worlds";

const one: Forwarding = {
  vip: "10.0.1.200",
  port: 443,
  slots: [
    { address: "10.0.1.2", port: 6443 },
    { address: "10.0.1.3", port: 6443 },
  ],
  sticky: false,
  idleSeconds: 900,
  resets: [],
};
const rules = (forwarding: Partial<Forwarding>, chain: string): string[] =>
  block(renderForwarding([{ ...one, ...forwarding }]), chain).slice(1);

describe("forwarding", () => {
  test("leads hosts to targets in turn, by destination alone", () => {
    expect(rules({}, "targets")).toEqual([
      'iifname "h-*" ip daddr 10.0.1.200 tcp dport 443 dnat ip to numgen inc mod 2 map { 0 : 10.0.1.2 . 6443, 1 : 10.0.1.3 . 6443 }',
    ]);
  });

  test("by the caller's address when it is to stay", () => {
    expect(rules({ sticky: true }, "targets")[0]).toContain("to jhash ip saddr mod 2 map {");
  });

  test("nowhere without targets", () => {
    expect(rules({ slots: [] }, "targets")).toEqual([]);
  });

  test("forgets what is idle", () => {
    expect(rules({ idleSeconds: 300 }, "idle")).toEqual([
      'ip daddr 10.0.1.200 tcp dport 443 ct timeout set "idle_300"',
    ]);
  });

  test("ends connections with a target by RST to whoever speaks", () => {
    expect(rules({ resets: [{ address: "10.0.1.3", port: 6443 }] }, "resets")).toEqual([
      "meta l4proto tcp ct original ip daddr 10.0.1.200 ct original proto-dst 443 ct reply ip saddr 10.0.1.3 ct reply proto-src 6443 reject with tcp reset",
    ]);
  });

  test("keeps the table's objects from one state to the next", () => {
    const text = renderForwarding([one, { ...one, port: 80 }]);
    expect(text).toContain("flush table ip balancers\n");
    expect(text).not.toContain("delete");
    expect(text.match(/ct timeout idle_900 \{/g)).toHaveLength(1);
  });
});

test("tracked connections are counted by what was dialled and who answers", () => {
  const line = (state: string, tuples: string): string =>
    `ipv4     2 tcp      6 431999 ${state} ${tuples} [ASSURED] mark=0 zone=0 use=2`;
  const led =
    "src=10.0.1.9 dst=10.0.1.200 sport=40000 dport=443 src=10.0.1.2 dst=10.0.1.9 sport=6443 dport=40000";
  const direct =
    "src=10.0.1.9 dst=10.0.1.2 sport=40001 dport=22 src=10.0.1.2 dst=10.0.1.9 sport=22 dport=40001";
  const text = [
    line("ESTABLISHED", led),
    line("TIME_WAIT", led),
    line("ESTABLISHED", direct),
    "ipv4     2 udp      17 29 src=10.0.1.9 dst=183.60.83.19 sport=5 dport=53 src=183.60.83.19 dst=10.0.1.9 sport=53 dport=5 mark=0 use=2",
    "",
  ].join("\n");
  expect(parseConnections(text)).toEqual([
    { vip: "10.0.1.200", port: 443, target: "10.0.1.2", targetPort: 6443 },
  ]);
});
