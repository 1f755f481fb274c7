import { must, run } from "../process";
import type { LabIdentity } from "../identity";
import { linkOf, nowhereLink, overlap } from "./addresses";
import { HaVipWatch, type Neighbour } from "./haVipWatch";
import { ensureNamespaces } from "./namespaces";
import type { Network } from "./network";
import { carrierOf } from "./ruleset";
import { type DesiredWorld, emptyWorld, type HaVipSpec } from "./types";

export { ensureNamespaces };

/** Mark of the routes this file owns (`ip route ... proto`): others in the namespace are the links' own. */
const ownProtocol = "77";

/**
 * Routes the fabric should have beside the hosts' own /32 ones: every subnet to nowhere, so that an address without a living machine swallows
 * packets in silence; HAVIPs and custom routes to the machine that carries them; VIPs of load balancers to itself, for the answers to probes
 * that come from there. By destination as `ip route` takes it.
 */
export function plannedRoutes(
  desired: DesiredWorld,
  owners: ReadonlyMap<string, string>,
  linkUp: (link: string) => boolean,
): Map<string, string> {
  const routes = new Map<string, string>();
  for (const { subnetCidr } of desired.hosts) routes.set(subnetCidr, `dev ${nowhereLink}`);
  const through = (address: string): string => {
    const carrier = carrierOf(desired, owners, address);
    if (!carrier || !linkUp(linkOf(carrier.instanceId))) return `dev ${nowhereLink}`;
    // By the carrier's own address, which is resolved for good: the VIP itself may be answered for by nobody for a moment.
    return `via ${carrier.privateIp} dev ${linkOf(carrier.instanceId)} onlink`;
  };
  for (const { destinationCidr, nextHopIp } of desired.routes)
    routes.set(destinationCidr, through(nextHopIp));
  for (const { vip } of desired.haVips) routes.set(`${vip}/32`, through(vip));
  for (const { vip } of desired.loadBalancers) routes.set(`local ${vip}/32`, "dev lo");
  return routes;
}

/** @throws Error when subnets of two VPCs overlap: one router cannot tell them apart. */
export function assertDistinctSubnets(desired: DesiredWorld): void {
  for (const a of desired.hosts)
    for (const b of desired.hosts)
      if (a.vpcId !== b.vpcId && overlap(a.subnetCidr, b.subnetCidr))
        throw new Error(
          `subnet ${a.subnetCidr} of ${a.vpcId} overlaps ${b.subnetCidr} of ${b.vpcId}: the lab routes all VPCs in one place, give them different ranges`,
        );
}

/** The network of a lab: one namespace that is every host's gateway, filter and address translator. */
export class Fabric {
  private desired: DesiredWorld = emptyWorld;
  private readonly owners = new Map<string, string>();
  private installed: string | undefined;
  private watch: HaVipWatch | undefined;
  private routing = false;
  private queue: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly lab: Pick<LabIdentity, "operatorNetns" | "fabricNetns">,
    private readonly haVipMoved: (haVipId: string, instanceId: string) => void,
    private readonly log: (line: string) => void,
    private readonly network: Network,
  ) {}

  /** Makes the namespaces, and listens for announcements from then on. */
  async open(): Promise<void> {
    await ensureNamespaces(this.lab);
    if (this.watch) return;
    this.watch = new HaVipWatch(
      this.lab.fabricNetns,
      {
        announced: (heard) => this.announced(heard),
        linkUp: () => this.linkUp(),
      },
      this.log,
      this.network.forgetsNeighbours,
    );
    await this.watch.start();
  }

  /** Filters and translations of the wanted state. Before any host boots, so that nothing is open for a moment. */
  async setRules(desired: DesiredWorld): Promise<void> {
    assertDistinctSubnets(desired);
    this.desired = desired;
    this.watch?.expect(desired.haVips.map(({ vip }) => vip));
    for (const haVip of desired.haVips) this.adoptOwner(haVip);
    for (const id of this.owners.keys())
      if (!desired.haVips.some(({ haVipId }) => haVipId === id)) this.owners.delete(id);
    await this.serialised(async () => {
      await this.network.prepare(this.lab.fabricNetns, desired);
      await this.install();
    });
  }

  /** Routes of the wanted state over the links that are up now. */
  async setRoutes(): Promise<void> {
    await this.serialised(() => this.route());
  }

  /** Stops listening. Namespaces, rules and routes stay: hosts live in them. */
  async close(): Promise<void> {
    await this.watch?.stop();
    this.watch = undefined;
    await this.queue;
  }

  /** Our own knowledge of an owner is newer than the cloud's record; that serves when we have just been started. */
  private adoptOwner(haVip: HaVipSpec): void {
    const { haVipId } = haVip;
    const owner = this.owners.get(haVipId) ?? haVip.ownerInstanceId;
    if (owner !== undefined && this.allowed(haVip, owner)) this.owners.set(haVipId, owner);
    else this.owners.delete(haVipId);
  }

  private allowed(haVip: HaVipSpec, instanceId: string): boolean {
    const host = this.desired.hosts.find((each) => each.instanceId === instanceId);
    if (!host || host.subnetId !== haVip.subnetId) return false;
    return haVip.allowedInstanceIds?.includes(instanceId) ?? true;
  }

  private announced(heard: Neighbour): void {
    const { address } = heard;
    const haVip = this.desired.haVips.find(({ vip }) => vip === address);
    const host = this.network.announcer(this.desired, heard);
    if (!haVip || !host || host.linkCut) return;
    const { instanceId } = host;
    if (this.owners.get(haVip.haVipId) === instanceId) return;
    if (!this.allowed(haVip, instanceId)) {
      this.log(
        `${instanceId} announced ${address} of ${haVip.haVipId}, which it is not associated with: ignored`,
      );
      return;
    }
    this.owners.set(haVip.haVipId, instanceId);
    void this.serialised(async () => {
      await this.install();
      await this.route();
      this.log(`${address} of ${haVip.haVipId} moved to ${instanceId}`);
      this.haVipMoved(haVip.haVipId, instanceId);
    }).catch((error: unknown) =>
      this.log(`moving ${address} to ${instanceId} failed: ${String(error)}`),
    );
  }

  /** A host that reboots by itself gets a new link: routes through the old one are gone. */
  private linkUp(): void {
    if (this.routing) return;
    this.routing = true;
    void this.serialised(async () => {
      this.routing = false;
      await this.route();
    }).catch((error: unknown) => this.log(`routes of a new link failed: ${String(error)}`));
  }

  private async install(): Promise<void> {
    const text = this.network.ruleset(this.desired, this.owners);
    if (text === this.installed) return;
    await must(["nft", "-f", "-"], { netns: this.lab.fabricNetns, input: text });
    this.installed = text;
  }

  private async route(): Promise<void> {
    const netns = this.lab.fabricNetns;
    const links = JSON.parse(
      (await must(["ip", "-n", netns, "-json", "link", "show"])).stdout || "[]",
    ) as { ifname: string }[];
    const up = new Set(links.map(({ ifname }) => ifname));
    const wanted = this.network.routes(this.desired, this.owners, (link) => up.has(link));
    const present = JSON.parse(
      (
        await must([
          "ip",
          "-n",
          netns,
          "-json",
          "route",
          "show",
          "table",
          "all",
          "proto",
          ownProtocol,
        ])
      ).stdout || "[]",
    ) as { dst: string; type?: string }[];
    const stale = present
      .map(({ dst, type }) => {
        const destination = dst.includes("/") ? dst : `${dst}/32`;
        return type === "local" ? `local ${destination}` : destination;
      })
      .filter((destination) => !wanted.has(destination));
    const commands = [
      ...[...wanted].map(
        ([destination, hop]) => `route replace ${destination} ${hop} proto ${ownProtocol}`,
      ),
      ...stale.map((destination) => `route del ${destination} proto ${ownProtocol}`),
    ];
    if (commands.length > 0) {
      // A link may go between the look and the change: its routes are then gone too, the rest must still be made.
      const { code, stderr } = await run(["ip", "-n", netns, "-force", "-batch", "-"], {
        input: commands.join("\n") + "\n",
      });
      if (code !== 0) this.log(`some routes were not made: ${stderr.trim()}`);
    }
  }

  private serialised<T>(work: () => Promise<T>): Promise<T> {
    const next = this.queue.then(work);
    this.queue = next.catch(() => undefined);
    return next;
  }
}
