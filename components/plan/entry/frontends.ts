import { z } from "zod";
import { readAddress } from "../cidr";
import { cidr, dnsName, label } from "../fields";
import { type Flow } from "../model";
import { ports } from "../ports";
import { clientDuties, type Duty } from "../roles";
import { type Backend, type EntrySite } from "./kind";

const port = z.int().min(1).max(65_535).meta({ unit: "port" });

/** A server of a frontend: `<address>:<port>`. */
const server = z
  .string()
  .refine(
    (text) => {
      const [host = "", at = "", ...more] = text.split(":");
      const is = readAddress(host) !== undefined && /^\d+$/.test(at);
      return is && more.length === 0 && port.safeParse(Number(at)).success;
    },
    { error: "<address>:<port>, such as 10.0.8.10:80" },
  )
  .meta({ pattern: /^[\d.]+:\d+$/.source });

/** Services that HAProxy of the entry fronts beside the API, each at a port of its own. */
export const extraFrontends = z
  .array(
    z.strictObject({
      name: label(20).describe("Name, for people and in HAProxy's statistics."),
      mode: z
        .enum(["tcp", "http", "https"])
        .default("tcp")
        .describe(
          "`tcp`: layer 4, passed on as it is, so that servers end TLS themselves. `https`: layer 7, HAProxy ends TLS by a certificate of the cluster's CA for the `hostname`, and talks plain HTTP to the servers. `http`: layer 7 without TLS.",
        ),
      port: z
        .int()
        .min(1)
        .max(ports.firstLocal - 1)
        .meta({
          description: `Port that clients dial. Below ${ports.firstLocal}, as from there on hosts take ports for their own connections.`,
          unit: "port",
        }),
      hostname: dnsName.optional().meta({
        description:
          "Name that nodes and the bastion resolve to the virtual address; `https` cannot do without.",
        defaultText: "none",
      }),
      allowedCidrs: z
        .array(cidr)
        .default([])
        .describe("Ranges, besides nodes and the bastion, that may reach it."),
      servers: z.array(server).min(1).optional().meta({
        description: "Servers outside the cluster. Exactly one of `servers` and `pool`.",
        defaultText: "none, where `pool` is given",
      }),
      pool: z
        .strictObject({
          name: label(20).describe("Name of the pool, one of `workers[].pool`."),
          port: port.describe("Port of every worker of the pool."),
        })
        .optional()
        .meta({
          description:
            "Servers that are the workers of a pool, at one port: a NodePort Service, an ingress controller.",
          defaultText: "none, where `servers` are given",
        }),
      check: z
        .strictObject({
          path: z
            .string()
            .regex(/^\/[\w./?&=%:@,;+*~-]*$/, "a path such as /api/v2.0/health")
            .describe("Path that answers a GET with a status from 200 to 399."),
          tls: z
            .boolean()
            .default(false)
            .describe(
              "Whether it is asked over TLS, for servers of mode `tcp` that speak it. A check is for health, not identity: no certificate is verified.",
            ),
        })
        .optional()
        .meta({ description: "How servers are checked.", defaultText: "a TCP connection" }),
    }),
  )
  .default([]);

/** A service as configured. */
export type ExtraFrontendConfig = z.output<typeof extraFrontends>[number];

/** How servers are checked: by one path, or by several in turn, each of which has to answer. */
type Check = NonNullable<ExtraFrontendConfig["check"]> & { also?: readonly string[] };

/** A service of the cluster's own that is fronted beside those that are configured. */
export interface OwnFrontend extends ExtraFrontendConfig {
  check?: Check | undefined;
  /** Who may reach it, besides `allowedCidrs`. */
  clients: readonly Duty[];
}

/** A service that HAProxy fronts beside the API. */
export interface ExtraFrontend {
  name: string;
  mode: ExtraFrontendConfig["mode"];
  port: number;
  hostname: string | undefined;
  /** Virtual address that the name stands for. */
  address: string;
  /** Who may reach it, besides `allowedCidrs`. */
  clients: readonly Duty[];
  allowedCidrs: readonly string[];
  servers: readonly Backend[];
  /** Port of workers, if they are its servers. */
  workerPort: number | undefined;
  check: Check | undefined;
}

/** What is fronted at a virtual address, for the plan of an entry: what is configured, and what the cluster has of its own. */
export function planFrontends(
  configured: readonly ExtraFrontendConfig[],
  site: EntrySite,
  address: string,
): { extraFrontends?: ExtraFrontend[] } {
  const all = [...configured.map((each) => ({ ...each, clients: clientDuties })), ...site.fronted];
  if (all.length === 0) return {};
  return { extraFrontends: all.map((each) => planFrontend(each, site, address)) };
}

function planFrontend(
  { servers, pool, hostname, check, ...rest }: OwnFrontend,
  { workers }: EntrySite,
  address: string,
): ExtraFrontend {
  return {
    ...rest,
    ...{ hostname, address, check },
    servers: [
      ...(servers ?? []).map(outside),
      ...workers
        .filter((worker) => worker.pool === pool?.name)
        .map((worker) => ({ ...outside(`${worker.address}:${pool?.port}`), name: worker.name })),
    ],
    workerPort: pool?.port,
  };
}

function outside(server: string): Backend {
  const [address = "", port] = server.split(":");
  return { name: server.replaceAll(/[.:]/g, "-"), address, port: Number(port) };
}

/**
 * Who talks to whom because of what is fronted.
 * @param to who has the virtual address
 */
export function frontendFlows(frontends: readonly ExtraFrontend[], to: readonly Duty[]): Flow[] {
  return frontends.flatMap(({ name, port, clients, allowedCidrs, workerPort }): Flow[] => {
    const shared = { name: "extra-frontend", protocol: "TCP" } as const;
    const from = [...clients, ...allowedCidrs.map((cidr) => ({ cidr }))];
    return [
      { ...shared, why: `${name}, by the entry`, port, from, to },
      ...(workerPort === undefined
        ? []
        : [
            {
              ...{ ...shared, why: `${name}, from the entry`, port: workerPort },
              from: ["balancer"] as const,
              to: ["worker"] as const,
            },
          ]),
    ];
  });
}
