import type { ListenerSpec, LoadBalancerSpec } from "../../lab/hosts/loadBalancer";
import type { DesiredWorld } from "../../lab/hosts/types";
import { waitFor } from "../../lab/wait";
import { emptyWorld } from "../../lab/hosts/types";
import { accept, host, TestLab } from "./lab";

export const [client, b, c] = ["ins-client", "ins-b", "ins-c"] as const;
export const [clientIp, bIp, cIp, vip] = [
  "10.20.0.11",
  "10.20.0.12",
  "10.20.0.13",
  "10.20.0.200",
] as const;

/**
 * Serves on port 6443 who it is and who calls, then echoes lines; on port 6444 HTTP, which answers while the file /run/ready is there. Callers of
 * the latter go to /run/probes.
 */
const server = `
import http.server, os, socket, socketserver, threading
class Api(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(f"{socket.gethostname()} {self.client_address[0]}\\n".encode())
        for line in self.rfile:
            self.wfile.write(line)
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        open("/run/probes", "a").write(self.client_address[0] + "\\n")
        self.send_response(200 if os.path.exists("/run/ready") else 503)
        self.end_headers()
    def log_message(self, *args):
        pass
class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
threading.Thread(target=Server(("", 6443), Api).serve_forever).start()
Server(("", 6444), Ready).serve_forever()
`;

/** A client, two targets, and the load balancer before these; a private zone with its name. */
export class BalancedLab extends TestLab {
  readonly desired = balancedWorld();

  get balancer(): LoadBalancerSpec {
    return this.desired.loadBalancers[0] as LoadBalancerSpec;
  }

  get listener(): ListenerSpec {
    return this.balancer.listeners[0] as ListenerSpec;
  }

  /** From nothing to two targets that are alive. */
  async start(): Promise<void> {
    await this.open();
    await this.change();
    await Promise.all([client, b, c].map((id) => this.sshUp(id)));
    for (const id of [b, c]) {
      await this.mustOn(id, `cat >/run/server.py <<'EOF'\n${server}\nEOF`);
      await this.ready(id, true);
      await this.mustOn(id, "systemd-run --quiet --unit=server -- python3 /run/server.py");
    }
    await this.become({ [b]: "Alive", [c]: "Alive" });
  }

  /** Changes the wanted state and waits until the world is like it. */
  async change(edit: () => void = () => undefined): Promise<void> {
    edit();
    await this.world.apply(structuredClone(this.desired));
    await this.world.booted();
  }

  /** Whether a target is to answer its checks well. */
  async ready(id: string, is: boolean): Promise<void> {
    await this.mustOn(id, is ? "touch /run/ready" : "rm /run/ready");
  }

  /** Waits for what the probes find, by instance. */
  async become(wanted: Record<string, string>): Promise<void> {
    await waitFor(
      { what: `targets to be ${JSON.stringify(wanted)}`, deadlineSeconds: 30, everyMs: 50 },
      (seen) => {
        const states = Object.fromEntries(
          this.world.targetHealth().map(({ instanceId, state }) => [instanceId, state]),
        );
        seen(JSON.stringify(states));
        const like = Object.entries(wanted).every(([id, state]) => states[id] === state);
        return Promise.resolve(like ? true : undefined);
      },
    );
  }

  /** Dials the load balancer. @returns who answered, and the caller it saw; what nc ended with if nobody did. */
  async dial(from: string): Promise<string> {
    const { stdout, code } = await this.on(from, `nc -N -w 2 ${vip} 6443 </dev/null`);
    return stdout.trim() || `nobody (${code})`;
  }

  /** Dials so many times, one after the other. @returns the answers, sorted. */
  async dialAgain(from: string, count: number): Promise<string[]> {
    const answers: string[] = [];
    for (let n = 0; n < count; n++) answers.push(await this.dial(from));
    return answers.sort();
  }

  /** A connection through the load balancer that stays, and echoes. */
  async hold(name: string): Promise<{ says: (word: string) => Promise<string> }> {
    await this.mustOn(
      client,
      `rm -f /run/${name}.*; mkfifo /run/${name}.in; systemd-run --quiet --unit=${name} -- sh -c 'exec 3<>/run/${name}.in; exec nc ${vip} 6443 <&3 >/run/${name}.out 2>&1'`,
    );
    const heard = (word: string): Promise<string> =>
      waitFor(
        { what: `an answer with ${word}`, deadlineSeconds: 60, everyMs: 50 },
        async (seen) => {
          const { stdout } = await this.on(
            client,
            `cat /run/${name}.out; systemctl is-active ${name}`,
          );
          seen(stdout);
          if (stdout.includes(word)) return stdout;
          return stdout.includes("inactive") || stdout.includes("failed") ? "ended" : undefined;
        },
      );
    await heard(clientIp);
    return {
      says: async (word) => {
        await this.on(client, `echo ${word} >/run/${name}.in`, 3);
        return heard(word);
      },
    };
  }
}

function balancedWorld(): DesiredWorld {
  const target = (instanceId: string, address: string) => ({
    instanceId,
    address,
    port: 6443,
    weight: 10,
  });
  return {
    ...structuredClone(emptyWorld),
    hosts: [
      host("client", clientIp, { securityGroupIds: ["sg-client"] }),
      host("b", bIp, { securityGroupIds: ["sg-target"] }),
      host("c", cIp, { securityGroupIds: ["sg-target"] }),
    ],
    securityGroups: [
      { securityGroupId: "sg-client", ingress: [], egress: [accept({ protocol: "ALL" })] },
      {
        securityGroupId: "sg-target",
        // Of what the checks ask for, nothing.
        ingress: [
          accept({ ports: "6443", securityGroupId: "sg-client" }),
          accept({ ports: "6443", securityGroupId: "sg-target" }),
        ],
        egress: [accept({ protocol: "ALL" })],
      },
      { securityGroupId: "sg-closed", ingress: [], egress: [] },
    ],
    loadBalancers: [
      {
        loadBalancerId: "lb-api",
        vip,
        vpcId: "vpc-test0001",
        securityGroupIds: [],
        passToTarget: false,
        listeners: [
          {
            listenerId: "lbl-api",
            port: 6443,
            scheduler: "WRR",
            sticky: false,
            idleSeconds: 900,
            healthCheck: {
              kind: "HTTP",
              timeout: 0.4,
              interval: 0.5,
              healthyAfter: 2,
              unhealthyAfter: 2,
              port: 6444,
              source: "range",
              http: { domain: "", path: "/readyz", method: "GET", version: "HTTP/1.1", codes: 2 },
            },
            reset: { deregistered: false, unhealthy: false, zeroWeight: false, afterSeconds: 0 },
            targets: [target(b, bIp), target(c, cIp)],
          },
        ],
      },
    ],
    privateZones: [
      {
        domain: "k8s.test",
        vpcIds: ["vpc-test0001"],
        forward: false,
        records: [
          { name: "api", type: "A", value: vip, ttl: 60, mx: 0, weight: 0 },
          { name: "www", type: "CNAME", value: "api.k8s.test", ttl: 60, mx: 0, weight: 0 },
        ],
      },
      { domain: "other.test", vpcIds: ["vpc-other"], forward: false, records: [] },
    ],
  };
}
