import ipaddr from "ipaddr.js";

/** The operator's address, outside the VPC; the fabric is its way to the EIPs. */
export const operatorAddress = "203.0.113.2";
/** The fabric's end of the link to the operator. */
export const operatorGateway = "203.0.113.1";
/** Platform services every host reaches whatever its security groups say, as in the real cloud. */
export const platformRange = "169.254.0.0/24";
/** Artifacts (port 80) and images (port 5000); the mirror's processes bind to it inside the fabric's namespace. */
export const mirrorAddress = "169.254.0.3";
/** Instance metadata. */
export const metadataAddress = "169.254.0.23";
/** The object storage, as instances reach it. */
export const storageAddress = "169.254.0.47";
/** The cloud's API, as instances reach it by its names inside a VPC. Where it is in the real cloud is not documented. */
export const apiAddress = "169.254.0.95";
/**
 * The VPC's name servers, with the real cloud's addresses; the image names the first. Until there is a private zone or a load balancer nobody
 * answers there (platform/): the fabric refuses at once, so that nothing waits for an answer.
 */
export const resolvers = ["183.60.83.19", "183.60.82.98"];
/** Stands for the public internet, as hosts that have a way out of their VPC reach it: what answers there is lab/internet. */
export const internetAddress = "192.0.2.80";
/** Where load balancers' probes come from; the fabric answers to all of it. */
export const probeRange = "100.64.0.0/10";
/** On a CVM every neighbour and gateway has this one MAC: the virtual switch's. */
export const gatewayMac = "fe:ee:0b:ca:e5:69";
/** Interface of the fabric that faces the operator. */
export const operatorLink = "op0";
/** Where packets for addresses without a living machine go: a bridge without ports. */
export const nowhereLink = "nowhere";

/** First usable address of a subnet: its gateway. */
export function gatewayOf(cidr: string): string {
  const [network] = ipaddr.IPv4.parseCIDR(cidr);
  const octets = network.octets.slice();
  octets[3] = (octets[3] as number) + 1;
  return octets.join(".");
}

/** Prefix length of a CIDR. */
export function prefixOf(cidr: string): number {
  return ipaddr.IPv4.parseCIDR(cidr)[1];
}

/** MAC of the instance with this address; the same one at every start. */
export function macOf(privateIp: string): string {
  const octets = ipaddr.IPv4.parse(privateIp).octets;
  return ["52", "54", ...octets.map((octet) => octet.toString(16).padStart(2, "0"))].join(":");
}

/**
 * Name of the fabric's end of an instance's link.
 *
 * @throws Error when the id has another shape than `ins-` and at most 12 of a-z, 0-9: interface names hold 15 characters.
 */
export function linkOf(instanceId: string): string {
  const match = /^ins-([a-z0-9]{1,12})$/.exec(instanceId);
  if (!match)
    throw new Error(
      `instance id "${instanceId}" cannot name a link: it must be "ins-" and 1 to 12 of a-z, 0-9`,
    );
  return `h-${match[1] as string}`;
}

/**
 * Name of a subnet's switch, where the network is `l2`.
 *
 * @throws Error when the id has another shape than `subnet-` and at most 12 of a-z, 0-9.
 */
export function bridgeOf(subnetId: string): string {
  const match = /^subnet-([a-z0-9]{1,12})$/.exec(subnetId);
  if (!match)
    throw new Error(
      `subnet id "${subnetId}" cannot name a switch: it must be "subnet-" and 1 to 12 of a-z, 0-9`,
    );
  return `s-${match[1] as string}`;
}

/** Whether an address lies in a CIDR. */
export function inCidr(address: string, cidr: string): boolean {
  return ipaddr.IPv4.parse(address).match(ipaddr.IPv4.parseCIDR(cidr));
}

/** Whether two CIDRs share an address. */
export function overlap(a: string, b: string): boolean {
  const [[aNet, aLen], [bNet, bLen]] = [ipaddr.IPv4.parseCIDR(a), ipaddr.IPv4.parseCIDR(b)];
  return aNet.match(bNet, Math.min(aLen, bLen));
}
