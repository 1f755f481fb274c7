import type { RemoteInfo } from "node:dgram";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { createServer, Packet } from "dns2";
import type { PrivateZoneSpec } from "../privateZone";
import { inCidr } from "../addresses";
import { answerName, type NameAnswer } from "./names";

/** Who asks is known by where it asks from. */
export interface SubnetOfVpc {
  vpcId: string;
  cidr: string;
}

/** What the resolvers answer from. */
export interface Names {
  zones: PrivateZoneSpec[];
  subnets: SubnetOfVpc[];
}

const types = ["A", "AAAA", "CNAME", "MX", "TXT", "PTR"] as const;

/** Seconds that "there is no such record" may be kept. */
const negativeTtl = 60;

/** Serves DNS on port 53 of an address, over UDP and TCP. @throws Error when the port is taken. */
export async function serveNames(
  address: string,
  names: () => Names,
  log: (line: string) => void,
): Promise<void> {
  const server = createServer({
    udp: true,
    tcp: true,
    handle: (request, send, client) => {
      const { zones, subnets } = names();
      void send(respond(request, vpcOf(subnets, addressOf(client)), zones));
    },
  });
  server.on("requestError", (error) => log(`unreadable question: ${String(error)}`));
  const failed = new Promise<never>((_, reject) => server.once("error", reject));
  await Promise.race([
    server.listen({ udp: { port: 53, address }, tcp: { port: 53, address } }),
    failed,
  ]);
  server.on("error", (error) => log(`name server at ${address}: ${String(error)}`));
}

/** A datagram's sender, or the other end of a connection. */
const addressOf = (client: RemoteInfo | Socket | IncomingMessage): string =>
  "remoteAddress" in client
    ? (client.remoteAddress ?? "")
    : "socket" in client
      ? (client.socket.remoteAddress ?? "")
      : client.address;

const vpcOf = (subnets: readonly SubnetOfVpc[], address: string): string =>
  subnets.find(({ cidr }) => inCidr(address, cidr))?.vpcId ?? "";

function respond(request: Packet, vpcId: string, zones: readonly PrivateZoneSpec[]): Packet {
  const response = Packet.createResponseFromRequest(request);
  response.header.ra = 1;
  const [question] = request.questions;
  if (!question) {
    response.header.rcode = Packet.RCODE.FORMERR;
    return response;
  }
  const { name, type: code } = question;
  const type = types.find((each) => Packet.TYPE[each] === code);
  const answer = answerName(zones, vpcId, { name, type }, (below) =>
    Math.floor(Math.random() * below),
  );
  response.header.rcode = Packet.RCODE[answer.code];
  response.answers = answer.records.map((record) => resource(record));
  if (answer.authority !== undefined) response.authorities = [startOfAuthority(answer.authority)];
  return response;
}

type Resource = Packet["answers"][number];

function resource(record: NameAnswer["records"][number]): Resource {
  const { owner: name, type, value, ttl, mx } = record;
  const base = { name, ttl, type: Packet.TYPE[type], class: Packet.CLASS.IN };
  switch (type) {
    case "A":
    case "AAAA":
      return { ...base, address: value } as Resource;
    case "CNAME":
    case "PTR":
      return { ...base, domain: value } as Resource;
    case "MX":
      return { ...base, exchange: value, priority: mx } as Resource;
    case "TXT":
      return { ...base, data: value } as Resource;
  }
}

function startOfAuthority(domain: string): Resource {
  return {
    name: domain,
    ttl: negativeTtl,
    type: Packet.TYPE.SOA,
    class: Packet.CLASS.IN,
    primary: `ns.${domain}`,
    admin: `admin.${domain}`,
    serial: 1,
    refresh: 3600,
    retry: 600,
    expiration: 86_400,
    minimum: negativeTtl,
  } as Resource;
}
