import { type HarborPlan, type HostPlan } from "../plan/cluster";
import { type HarborImage } from "../plan/images";
import { type NeededFile } from "../plan/needs";
import type { RegistryPasswords } from "../plan/registryPasswords";
import {
  harborAddress,
  harborUrl as url,
  renderCoreConfig,
  renderHarborProxy,
  renderJobservice,
  renderPortal,
} from "./harborConfig";
import { paths } from "./paths";
import { storageFiles } from "./registry";
import { toYaml } from "./yaml";

/** Who Harbor is to its storage. */
export const harborStorageUser = "harbor_registry_user";

/** A container of Harbor's pod. */
export interface HarborContainer {
  image: HarborImage;
  /** What its image starts, once its secrets are in its environment. @default what the image says: it has none */
  command?: string;
  /** What is no secret of its environment. */
  env: Readonly<Record<string, string>>;
  /** Where it has its directory of {@link paths.harborDir}. */
  mountPath: string;
  /** A file of that alone, where the image has others there. @default the whole directory */
  file?: string;
}

/** What a Harbor is told of the cluster that it is in. */
export interface HarborSite {
  /** Where an image is pulled from. */
  imageOf: (image: HarborImage) => string;
  /** Environment of what asks registries elsewhere. Empty without a proxy. */
  proxy: Readonly<Record<string, string>>;
}

/** Containers by their names, which are those of their directories. The names of what they read are Harbor's own (make/photon/prepare/templates of v2.15.2). */
export function harborContainers(
  { name, database }: Pick<HarborPlan, "name" | "database">,
  proxy: HarborSite["proxy"],
): Record<string, HarborContainer> {
  return {
    core: {
      image: "harbor-core",
      command: "/harbor/entrypoint.sh",
      mountPath: "/etc/core",
      env: {
        CONFIG_PATH: "/etc/core/app.conf",
        LOG_LEVEL: "info",
        EXT_ENDPOINT: `https://${name}`,
        DATABASE_TYPE: "postgresql",
        POSTGRESQL_HOST: database.host,
        POSTGRESQL_PORT: String(database.port),
        POSTGRESQL_USERNAME: database.username,
        POSTGRESQL_DATABASE: database.name,
        POSTGRESQL_SSLMODE: database.sslMode,
        POSTGRESQL_MAX_IDLE_CONNS: "2",
        POSTGRESQL_MAX_OPEN_CONNS: "0",
        POSTGRESQL_CONN_MAX_LIFETIME: "5m",
        POSTGRESQL_CONN_MAX_IDLE_TIME: "0",
        CORE_URL: url("core"),
        CORE_LOCAL_URL: url("core"),
        PORTAL_URL: url("portal"),
        JOBSERVICE_URL: url("jobservice"),
        REGISTRY_URL: url("storage"),
        REGISTRY_CONTROLLER_URL: nobody,
        TOKEN_SERVICE_URL: `${url("core")}/service/token`,
        REGISTRY_STORAGE_PROVIDER_NAME: "s3",
        REGISTRY_CREDENTIAL_USERNAME: harborStorageUser,
        MAX_JOB_WORKERS: "10",
        WITH_TRIVY: "false",
        READ_ONLY: "false",
        QUOTA_UPDATE_PROVIDER: "db",
        ROBOT_SCANNER_NAME_PREFIX: "scanner",
        PERMITTED_REGISTRY_TYPES_FOR_PROXY_CACHE: proxied.join(","),
        REPLICATION_ADAPTER_WHITELIST: replicated.join(","),
        ...proxy,
      },
    },
    jobservice: {
      image: "harbor-jobservice",
      command: "/harbor/entrypoint.sh",
      mountPath: "/etc/jobservice",
      env: {
        LOG_LEVEL: "INFO",
        CORE_URL: url("core"),
        REGISTRY_URL: url("storage"),
        REGISTRY_CONTROLLER_URL: nobody,
        REGISTRY_CREDENTIAL_USERNAME: harborStorageUser,
        JOBSERVICE_WEBHOOK_JOB_MAX_RETRY: "3",
        JOBSERVICE_WEBHOOK_JOB_HTTP_CLIENT_TIMEOUT: "3",
        ...proxy,
      },
    },
    portal: {
      ...{ image: "harbor-portal", env: {} },
      ...{ mountPath: "/etc/nginx/nginx.conf", file: "nginx.conf" },
    },
    nginx: {
      ...{ image: "nginx-photon", env: {} },
      ...{ mountPath: "/etc/nginx/nginx.conf", file: "nginx.conf" },
    },
  };
}

/**
 * Where the program would be that deletes from the storage, which of no release can reach COS (goharbor/harbor#22621). A garbage collection asks it first whether it is
 * well, and ends there.
 */
const nobody = "http://127.0.0.1:9";

/** Kinds of registries that Harbor may fetch images from by itself, and exchange them with: all that it has an adapter of. */
const both = ["ali-acr", "aws-ecr", "azure-acr", "docker-hub", "docker-registry", "github-ghcr"];
const proxied = [...both, "google-gcr", "harbor", "jfrog-artifactory"];
const replicated = [...proxied, "huawei-SWR", "tencent-tcr", "volcengine-cr"];

/** What of a host of kind `harbor` is no secret. */
export function harborFiles(
  plan: HarborPlan,
  { address }: HostPlan,
  site: HarborSite,
): NeededFile[] {
  const of = (container: string, file: string, content: string) => ({
    path: `${paths.harborDir}/${container}/${file}`,
    content,
  });
  return [
    ...storageFiles(plan, harborAddress("storage")),
    of("core", "app.conf", renderCoreConfig()),
    of("jobservice", "config.yml", renderJobservice()),
    of("portal", "nginx.conf", renderPortal()),
    of("nginx", "nginx.conf", renderHarborProxy(address)),
    // Without any it is empty, so that those that are taken out are gone.
    of("trusted", "configured.crt", plan.trustedCertificates ?? ""),
    { path: paths.harborPod, content: renderHarborPod(plan, site) },
  ];
}

/**
 * Harbor as a static pod in the host's network. What is secret is in no variable of it: each container reads it from a file that is mounted, before its program starts. harbor.sh adds a hash of all that is
 * mounted, so that another version of it is another pod.
 */
export function renderHarborPod(plan: HarborPlan, { imageOf, proxy }: HarborSite): string {
  const containers = harborContainers(plan, proxy);
  const trusted = { name: "trusted", mountPath: "/harbor_cust_cert", readOnly: true };
  const directory = (name: string) => ({
    name,
    hostPath: { path: `${paths.harborDir}/${name}`, type: "Directory" },
  });
  return toYaml({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "harbor", namespace: "kube-system" },
    spec: {
      hostNetwork: true,
      // Names as the host knows them: those of the database and of Redis.
      dnsPolicy: "Default",
      enableServiceLinks: false,
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 30,
      securityContext: {
        ...{ runAsNonRoot: true, runAsUser: harborUser, runAsGroup: harborUser },
        seccompProfile: { type: "RuntimeDefault" },
      },
      containers: Object.entries(containers).map(([name, { image, command, env, ...at }]) => ({
        ...{ name, image: imageOf(image), imagePullPolicy: "IfNotPresent" },
        ...(command && {
          command: ["/bin/sh", "-c", `set -ae; . ${at.mountPath}/secret.env; exec ${command}`],
        }),
        ...(Object.keys(env).length > 0 && {
          env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
        }),
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
        volumeMounts: [
          {
            ...{ name, mountPath: at.mountPath, readOnly: true },
            ...(at.file && { subPath: at.file }),
          },
          ...(command === undefined ? [] : [trusted]),
        ],
      })),
      volumes: [...Object.keys(containers), "trusted"].map(directory),
    },
  });
}

/** User and group of Harbor's images. */
export const harborUser = 10_000;

/** What a Harbor knows that nobody else may, the same on all of its hosts: a token, an upload and a session that one gave out are taken by the others. */
export interface HarborSecrets {
  /** What core and jobservice know each other by. */
  core: string;
  jobservice: string;
  /** Of {@link harborStorageUser}. */
  storage: string;
  /** 32 characters. */
  csrf: string;
  /** Of the user `admin`, until somebody changes it. */
  admin: string;
  given: RegistryPasswords;
}

/** What each container has in its environment that is secret, as a shell reads it. */
export function renderHarborSecrets(
  { redis }: Pick<HarborPlan, "redis">,
  { core, jobservice, storage, csrf, admin, given }: HarborSecrets,
): Record<"core" | "jobservice", string> {
  const shared = {
    CORE_SECRET: core,
    JOBSERVICE_SECRET: jobservice,
    REGISTRY_CREDENTIAL_PASSWORD: storage,
  };
  const urlOf = (index: number) => redisUrl(redis, given.redis, index);
  return {
    core: environment({
      ...shared,
      CSRF_KEY: csrf,
      HARBOR_ADMIN_PASSWORD: admin,
      POSTGRESQL_PASSWORD: given.database,
      _REDIS_URL_CORE: urlOf(0),
      _REDIS_URL_REG: urlOf(1),
    }),
    jobservice: environment({ ...shared, JOB_SERVICE_POOL_REDIS_URL: urlOf(2) }),
  };
}

function redisUrl(
  { host, port, username = "", tls }: HarborPlan["redis"],
  password: string | undefined,
  index: number,
): string {
  const user = password === undefined ? "" : `${username}:${encodeURIComponent(password)}@`;
  return `redis${tls ? "s" : ""}://${user}${host}:${port}/${index}?idle_timeout_seconds=30`;
}

function environment(variables: Readonly<Record<string, string>>): string {
  const quoted = (value: string) => `'${value.replaceAll("'", `'\\''`)}'`;
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${quoted(value)}\n`)
    .join("");
}
