import semver from "semver";
import { z } from "zod";
import { type Fault } from "../fault";
import { type Problem } from "../problems";
import { clientDuties } from "../roles";
import { newestVersions } from "../schema/versions";
import { certificateBundle } from "../values/certificates";
import { host } from "../values/hosts";
import {
  entryPort,
  ranges,
  type RegistryBase,
  registryFlow,
  type RegistryKind,
  registryPorts,
  sharedSettings,
} from "./shared";

const port = (usual: number) => z.int().min(1).max(65_535).meta({ unit: "port" }).default(usual);

/** What goes into a connection string as it is: Harbor quotes nothing there. */
const word = z
  .string()
  .regex(/^[A-Za-z0-9_.-]+$/, "letters, digits, underscores, dots and hyphens")
  .max(63);

const database = z
  .strictObject({
    host: host.describe("Where it is, by name or address, as its hosts reach it."),
    port: port(5432).describe("Port of it."),
    name: word
      .default("registry")
      .describe("Name of the database, which is there, and empty before Harbor first starts."),
    username: word.default("postgres").describe("User that owns the database."),
    sslMode: z
      .enum(["require", "verify-full", "disable"])
      .default("require")
      .describe(
        "`require`: TLS, whoever the server is. `verify-full`: by a certificate for its host, of an authority that Harbor's images know or `trustedCertificates` has. `disable`: without TLS.",
      ),
  })
  .describe(
    "PostgreSQL 12 or later, highly available by itself: what is in Harbor, but for images, is there. Its password is `registryPasswords.database` of the stack.",
  );

const redis = z
  .strictObject({
    host: host.describe("Where it is, by name or address, as its hosts reach it."),
    port: port(6379).describe("Port of it."),
    username: word.optional().meta({
      description: "User of it.",
      defaultText: "none: the password alone",
    }),
    tls: z.boolean().default(false).describe("Whether it is reached over TLS."),
  })
  .describe(
    "Redis, highly available by itself: sessions of people, the queue of jobs and caches. Databases 0, 1 and 2 of it are Harbor's. Its password, if it has one, is `registryPasswords.redis` of the stack.",
  );

/** Branch `kind: harbor` of the section `registry`. */
export const harborConfig = z.strictObject({
  kind: z
    .literal("harbor")
    .describe("`harbor`: Harbor, with projects, users and robots, over a database and a Redis."),
  ...sharedSettings,
  port: entryPort
    .default(443)
    .meta({ unit: "port" })
    .describe("Port of the entry that Harbor is at: its portal, its API, pulls and pushes."),
  allowedCidrs: ranges.describe(
    "Ranges, besides nodes and the bastion, that may reach it. What somebody may do there Harbor decides.",
  ),
  database,
  redis,
  trustedCertificates: certificateBundle.optional().meta({
    description:
      "Certificates in PEM of authorities that Harbor is to know beside the public ones and the cluster's: of the database, of Redis, of registries that it asks.",
    defaultText: "none",
  }),
});

type HarborConfig = z.output<typeof harborConfig>;

/** Harbor: programs that keep nothing, images in the object storage, the rest in a database and a Redis that are there. */
export interface HarborPlan
  extends RegistryBase, Pick<HarborConfig, "database" | "redis" | "trustedCertificates"> {
  kind: "harbor";
  /** Release of Harbor, `v2.15.2`. */
  release: string;
}

/** Oldest release whose programs read what is rendered for them. */
export const oldestHarbor = "2.13.0";

/**
 * Where HAProxy asks whether a host works. Harbor's own answer, and that of the Distribution behind it: both of that host alone. `/api/v2.0/health` would measure the
 * database and Redis, which all share.
 */
export const harborChecks = { core: "/api/v2.0/ping", storage: "/kubernetes-ha/storage" } as const;

export const harbor: RegistryKind<HarborConfig, HarborPlan> = {
  problems: (_, versions) => (versions === undefined ? [] : releaseProblems(versions.harbor)),
  flows: [registryFlow],
  frontends: ({ port: own, allowedCidrs }, at) => [
    {
      ...{ name: "registry", port: own, clients: clientDuties, allowedCidrs },
      ...at(registryPorts.pull),
      check: { path: harborChecks.core, also: [harborChecks.storage], tls: false },
    },
  ],
  prefix: "harbor",
  plan: ({ port: own, ...config }, versions, ofPort) => {
    if (versions.harbor === undefined) throw new Error("a Harbor has a release");
    return {
      ...{ kind: "harbor", name: ofPort(own), pushName: ofPort(own), release: versions.harbor },
      ...{ database: config.database, redis: config.redis },
      trustedCertificates: config.trustedCertificates,
    };
  },
};

function releaseProblems(release: string | undefined): Problem[] {
  const path = "versions.harbor";
  if (release === undefined) {
    const fix = `Set it to what it is to run; newest known: ${newestVersions.harbor}`;
    return [{ path, message: "is missing, but there is a registry of kind harbor", fix }];
  }
  if (semver.major(release) === 2 && semver.gte(release, oldestHarbor)) return [];
  const message = `got ${release}, but the configuration is written for Harbor v${oldestHarbor} and later, of Harbor 2`;
  return [{ path, message, fix: `Use v${oldestHarbor} or later` }];
}

/**
 * Why Harbor does not go from one release to another: it migrates its database upwards only, from the two minor releases before (RELEASES.md of the project), and a
 * release that finds a newer database does not start.
 */
export function harborFault(before: string, after: string): Fault | undefined {
  const way = `Harbor goes from ${before} to ${after}`;
  if (semver.lt(after, before)) {
    const fix = `Stay at ${before} or later`;
    return { message: `${way}, down, over a database that is migrated`, fix };
  }
  if (semver.minor(after) > semver.minor(before) + 2) {
    const next = `${semver.major(before)}.${semver.minor(before) + 2}`;
    const steps = semver.minor(after) - semver.minor(before);
    return { message: `${way}, ${steps} minor releases at once`, fix: `Go to ${next} first` };
  }
  return undefined;
}
