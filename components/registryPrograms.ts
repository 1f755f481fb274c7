import * as pulumi from "@pulumi/pulumi";
import type { ClusterPki } from "./pki/clusterPki";
import type { ClusterPlan, DistributionPlan, HarborPlan, HostPlan } from "./plan/cluster";
import { imageOf } from "./plan/images";
import { proxyEnvironment } from "./plan/proxy";
import { harborChecks, registryPorts } from "./plan/registry";
import { parseRegistryPasswords, type RegistryPasswords } from "./plan/registryPasswords";
import type { RemoteStepArgs } from "./remote/remoteStep";
import {
  distributionFiles,
  harborFiles,
  harborPorts,
  harborStorageUser,
  type HarborSecrets,
  type HarborSite,
  harborUser,
  paths,
  renderHarborSecrets,
} from "./render";

/** What a registry's hosts run: the step that has them run it, but for the host, and who pushes. */
export interface RegistryPrograms {
  username: string;
  /** Purpose of the user's password, as `ClusterPki.secret` derives it. */
  password: string;
  step(host: HostPlan): Omit<RemoteStepArgs, "host">;
}

/** Seconds one host may take to start two programs; to start Harbor, which may have a database to migrate. */
const seconds = { distribution: 300, harbor: 1500 } as const;

/** Distribution: one program that only reads, and one that takes images. */
export function distributionPrograms(plan: DistributionPlan, pki: ClusterPki): RegistryPrograms {
  const [username, password] = ["push", "registry/push"];
  const secretFiles = storageSecrets(pki, username, password);
  return {
    username,
    password,
    step: (host) => ({
      ...{ step: "registry", seconds: seconds.distribution, secretFiles },
      params: {
        RELEASE: plan.version,
        ADDRESS: host.address,
        PULL_PORT: registryPorts.pull,
        PUSH_PORT: registryPorts.push,
      },
      files: distributionFiles(plan, host),
    }),
  };
}

/** Arguments of {@link harborPrograms}. */
export interface HarborArgs {
  plan: HarborPlan;
  cluster: ClusterPlan;
  pki: ClusterPki;
  passwords: pulumi.Input<RegistryPasswords> | undefined;
}

/** Harbor, and Distribution behind it. */
export function harborPrograms({ plan, cluster, pki, passwords }: HarborArgs): RegistryPrograms {
  const [username, password, storage] = ["admin", "harbor/admin", "harbor/storage"];
  const { config } = cluster;
  const site: HarborSite = {
    imageOf: (image) => imageOf(config, image),
    proxy: proxyEnvironment(cluster),
  };
  const secrets: pulumi.Output<HarborSecrets> = pulumi.output({
    core: pki.secret("harbor/core"),
    jobservice: pki.secret("harbor/jobservice"),
    storage: pki.secret(storage),
    csrf: pki.secret("harbor/csrf").apply(half),
    admin: pki.secret(password),
    given: pulumi.secret(pulumi.output(passwords).apply(parseRegistryPasswords)),
  });
  const environments = secrets.apply((each) => renderHarborSecrets(plan, each));
  const of = (container: string, file: string, content: pulumi.Input<string>) => ({
    path: `${paths.harborDir}/${container}/${file}`,
    content,
  });
  const secretFiles = [
    ...storageSecrets(pki, harborStorageUser, storage),
    of(
      "core",
      "secret.env",
      environments.apply(({ core }) => core),
    ),
    of(
      "jobservice",
      "secret.env",
      environments.apply(({ jobservice }) => jobservice),
    ),
    // Harbor seals what it keeps of other registries' logins in the database with the one, and signs tokens with the other.
    of("core", "key", pki.secret("harbor/secretkey").apply(half)),
    of("core", "private_key.pem", pki.signingKey("harbor-tokens")),
  ];
  return {
    username,
    password,
    step: (host) => ({
      ...{ step: "harbor", seconds: seconds.harbor, secretFiles },
      params: {
        RELEASE: plan.release,
        STORAGE_RELEASE: plan.version,
        KUBERNETES_RELEASE: config.versions.kubernetes,
        ADDRESS: host.address,
        PORT: registryPorts.pull,
        STORAGE_PORT: harborPorts.storage,
        CHECKS: Object.values(harborChecks),
        DATABASE: `${plan.database.host} ${plan.database.port}`,
        REDIS: `${plan.redis.host} ${plan.redis.port}`,
        USER_ID: harborUser,
      },
      files: [
        ...harborFiles(plan, host, site),
        // For containers, and for people who ask Harbor for the certificate of its authority.
        of("trusted", "cluster.crt", pki.authorityCertificates),
        of("core", "ca/ca.crt", pki.authorityCertificates),
      ],
    }),
  };
}

/** Where a key has to have 32 characters. */
function half(secret: string): string {
  return secret.slice(0, 32);
}

/** What Distribution shares with those on the other hosts, and who may push to it. */
function storageSecrets(pki: ClusterPki, username: string, password: string) {
  return [
    {
      path: paths.registrySecret,
      content: pki.secret("registry/http").apply((secret) => `REGISTRY_HTTP_SECRET=${secret}\n`),
    },
    { path: paths.registryUsers, content: pki.passwordFile(username, password) },
  ];
}
