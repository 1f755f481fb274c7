import { nftChain } from "../nft";

/** The one nft table of the load balancers; the fabric's own is another one. */
export const tableName = "balancers";

/** A listener as the kernel forwards it. */
export interface Forwarding {
  vip: string;
  port: number;
  /** Who gets new connections, one after the other; empty: nobody, and callers hear nothing. */
  slots: Endpoint[];
  /** The caller's address decides, not its turn. */
  sticky: boolean;
  idleSeconds: number;
  /** Established connections to these are answered with RST. */
  resets: Endpoint[];
}

export interface Endpoint {
  address: string;
  port: number;
}

/**
 * What load balancers do, as one nft script that takes the place of the one before it in one transaction. A new connection to a VIP is led to
 * a target by destination translation, so the target sees its caller's address and answers through here; connection tracking
 * keeps what is established where it is, whatever becomes of the rules. A target that is led back to itself gets a packet from its own address,
 * which Linux drops: it hangs, as behind the real one. Only hosts are led: the operator is outside the VPC. Same input, same text.
 */
export function renderForwarding(forwardings: readonly Forwarding[]): string {
  const idle = [...new Set(forwardings.map(({ idleSeconds }) => idleSeconds))].sort(
    (a, b) => a - b,
  );
  const to = ({ vip, port }: Forwarding): string => `ip daddr ${vip} tcp dport ${port}`;
  const lines = [
    // Flushed, not deleted: connections hold on to their idle times.
    `table ip ${tableName} {`,
    "}",
    `flush table ip ${tableName}`,
    `table ip ${tableName} {`,
    ...idle.flatMap((seconds) => [
      `  ct timeout idle_${seconds} {`,
      "    protocol tcp",
      "    l3proto ip",
      `    policy = { established : ${seconds} }`,
      "  }",
    ]),
    ...nftChain("idle", [
      "type filter hook prerouting priority -150",
      ...forwardings.map((each) => `${to(each)} ct timeout set "idle_${each.idleSeconds}"`),
    ]),
    ...nftChain("targets", [
      "type nat hook prerouting priority -105",
      ...forwardings
        .filter(({ slots }) => slots.length > 0)
        .map((each) => `iifname "h-*" ${to(each)} dnat ip to ${choice(each)}`),
    ]),
    ...nftChain("resets", [
      "type filter hook forward priority -10",
      ...forwardings.flatMap(({ vip, port, resets }) =>
        resets.map(
          (target) =>
            `meta l4proto tcp ct original ip daddr ${vip} ct original proto-dst ${port} ct reply ip saddr ${target.address} ct reply proto-src ${target.port} reject with tcp reset`,
        ),
      ),
    ]),
    "}",
  ];
  return `${lines.join("\n")}\n`;
}

function choice({ slots, sticky }: Forwarding): string {
  const pick = sticky ? "jhash ip saddr" : "numgen inc";
  const map = slots.map(({ address, port }, index) => `${index} : ${address} . ${port}`);
  return `${pick} mod ${slots.length} map { ${map.join(", ")} }`;
}
