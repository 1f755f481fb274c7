/** A tracked connection through a load balancer: what was dialled, and who answers. */
export interface TrackedConnection {
  vip: string;
  port: number;
  target: string;
  targetPort: number;
}

/** Established TCP connections in the text of /proc/net/nf_conntrack that were led elsewhere than they were dialled. */
export function parseConnections(text: string): TrackedConnection[] {
  return text.split("\n").flatMap((line) => {
    if (!/^ipv4 .* tcp .* ESTABLISHED /.test(line)) return [];
    const values = (name: string): string[] =>
      [...line.matchAll(new RegExp(` ${name}=(\\S+)`, "g"))].map((match) => match[1] as string);
    // Two tuples a line: of the first direction, then of the answers.
    const [, source] = values("src");
    const [destination] = values("dst");
    const [, sourcePort] = values("sport");
    const [destinationPort] = values("dport");
    if (source === undefined || destination === undefined || source === destination) return [];
    return [
      {
        vip: destination,
        port: Number(destinationPort),
        target: source,
        targetPort: Number(sourcePort),
      },
    ];
  });
}
