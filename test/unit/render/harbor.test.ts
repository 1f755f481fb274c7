import { execFileSync } from "node:child_process";
import { parse } from "yaml";
import {
  harborContainers,
  harborFiles,
  renderFrontends,
  renderHarborSecrets,
} from "../../../components/render";
import { first, planHaving } from "../plan/fixture";

const plan = planHaving({
  registry: {
    ...{ kind: "harbor", members: 2, instanceType: "S5.MEDIUM4" },
    cos: { bucket: "images-1250000000" },
    ...{ database: { host: "10.0.9.5" }, redis: { host: "10.0.9.6" } },
  },
});
const { registry } = plan;
if (registry?.kind !== "harbor") throw new Error("there is no Harbor");
const site = { imageOf: (image: string) => `docker.io/goharbor/${image}:v2.15.2`, proxy: {} };
const filesOf = (host = first(registry.hosts)) =>
  new Map(harborFiles(registry, host, site).map(({ path, content }) => [path, content]));
const files = filesOf();
const fileOf = (path: string) => files.get(`/etc/kubernetes-ha/${path}`) ?? "";

const given = { database: "d'b", redis: "r/d" };
const secrets = renderHarborSecrets(registry, {
  ...{ core: "c", jobservice: "j", storage: "s", csrf: "x", admin: "a", given },
});
/** Names of variables of a file, as a shell has them after it read the file. */
const variables = (text: string) => {
  const env = execFileSync("/bin/sh", ["-c", 'set -ae; eval "$1"; env -0', "read", text], {
    ...{ env: { PATH: process.env["PATH"] }, encoding: "utf8" },
  });
  const pairs = env.split("\0").map((line) => [line.split("=")[0], line.replace(/^.*?=/, "")]);
  return Object.fromEntries(pairs.filter(([name]) => name)) as Record<string, string>;
};

/**
 * What the programs of Harbor v2.15.2 read of their environment, by its source (names alone): src/lib/config/metadata/metadatalist.go (SystemScope),
 * src/lib/config/systemconfig.go, src/core/main.go, src/server/middleware/csrf, src/jobservice/config, src/jobservice/job/impl; held against
 * make/photon/prepare/templates of that release.
 */
const read = {
  core: [
    ...["CONFIG_PATH", "CORE_LOCAL_URL", "CORE_SECRET", "CORE_URL", "CSRF_KEY", "DATABASE_TYPE"],
    ...["EXT_ENDPOINT", "HARBOR_ADMIN_PASSWORD", "JOBSERVICE_SECRET", "JOBSERVICE_URL"],
    ...["LOG_LEVEL", "MAX_JOB_WORKERS", "PERMITTED_REGISTRY_TYPES_FOR_PROXY_CACHE", "PORTAL_URL"],
    ...["POSTGRESQL_CONN_MAX_IDLE_TIME", "POSTGRESQL_CONN_MAX_LIFETIME", "POSTGRESQL_DATABASE"],
    ...["POSTGRESQL_HOST", "POSTGRESQL_MAX_IDLE_CONNS", "POSTGRESQL_MAX_OPEN_CONNS"],
    ...["POSTGRESQL_PASSWORD", "POSTGRESQL_PORT", "POSTGRESQL_SSLMODE", "POSTGRESQL_USERNAME"],
    ...["QUOTA_UPDATE_PROVIDER", "READ_ONLY", "REGISTRY_CONTROLLER_URL"],
    ...["REGISTRY_CREDENTIAL_PASSWORD", "REGISTRY_CREDENTIAL_USERNAME"],
    ...["REGISTRY_STORAGE_PROVIDER_NAME", "REGISTRY_URL", "REPLICATION_ADAPTER_WHITELIST"],
    ...["ROBOT_SCANNER_NAME_PREFIX", "TOKEN_SERVICE_URL", "WITH_TRIVY"],
    ...["_REDIS_URL_CORE", "_REDIS_URL_REG"],
  ],
  jobservice: [
    ...["CORE_SECRET", "CORE_URL", "JOBSERVICE_SECRET", "JOBSERVICE_WEBHOOK_JOB_MAX_RETRY"],
    ...["JOBSERVICE_WEBHOOK_JOB_HTTP_CLIENT_TIMEOUT", "JOB_SERVICE_POOL_REDIS_URL", "LOG_LEVEL"],
    ...["REGISTRY_CONTROLLER_URL", "REGISTRY_CREDENTIAL_PASSWORD", "REGISTRY_CREDENTIAL_USERNAME"],
    ...["REGISTRY_URL"],
  ],
};

/** What the templates have for what is not here: TLS between the programs, metrics, traces, a cache layer, Trivy, a proxy, UAA; and two that no program reads. */
const leftOut =
  /^(INTERNAL_|METRIC_|TRACE_|CACHE_|TRIVY_|HTTPS?_PROXY|NO_PROXY|UAA_|_REDIS_URL_(HARBOR|CACHE_LAYER)$|RELOAD_KEY$|PORT$)/;

test.each(["core", "jobservice"] as const)(
  "%s has all that it reads in its environment, each in one place: the pod, or the file of what is secret",
  (name) => {
    const plain = Object.keys(harborContainers(registry, {})[name]?.env ?? {});
    const secret = Object.keys(variables(secrets[name])).filter((each) => each !== "PATH");
    const own = secret.filter((each) => !["PWD", "OLDPWD", "SHLVL", "_"].includes(each));
    expect([...plain, ...own].sort()).toEqual([...read[name]].sort());
    expect(read[name].filter((each) => leftOut.test(each))).toEqual([]);
  },
);

test("what is secret reaches a program as it was given, whatever is in it", () => {
  expect(variables(secrets.core)).toMatchObject({
    POSTGRESQL_PASSWORD: "d'b",
    _REDIS_URL_CORE: "redis://:r%2Fd@10.0.9.6:6379/0?idle_timeout_seconds=30",
  });
  expect(variables(secrets.jobservice)).toMatchObject({
    JOB_SERVICE_POOL_REDIS_URL: "redis://:r%2Fd@10.0.9.6:6379/2?idle_timeout_seconds=30",
  });
});

test("a Redis with TLS and users, and one without a password", () => {
  const urlOf = (redis: Partial<typeof registry.redis>, password?: string) =>
    variables(
      renderHarborSecrets(
        { redis: { ...registry.redis, ...redis } },
        {
          ...{ core: "c", jobservice: "j", storage: "s", csrf: "x", admin: "a" },
          given: { database: "d", redis: password },
        },
      ).core,
    )["_REDIS_URL_CORE"];
  expect(urlOf({ tls: true, username: "harbor", port: 6380 }, "p")).toMatch(
    /^rediss:\/\/harbor:p@10\.0\.9\.6:6380\/0/,
  );
  expect(urlOf({})).toMatch(/^redis:\/\/10\.0\.9\.6:6379\/0/);
});

interface Pod {
  spec: {
    hostNetwork: boolean;
    securityContext: object;
    containers: {
      name: string;
      image: string;
      command?: string[];
      volumeMounts: { name: string; mountPath: string; subPath?: string; readOnly: boolean }[];
    }[];
    volumes: { name: string; hostPath: { path: string } }[];
  };
}

test("the pod: Harbor's images, nobody root, secrets from files that are read before a program starts", () => {
  const text = fileOf("harbor/pod.yaml");
  const { spec } = parse(text) as Pod;
  expect(spec.hostNetwork).toBe(true);
  expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 10_000 });
  expect(spec.containers.map(({ name, image }) => `${name} ${image}`)).toEqual([
    "core docker.io/goharbor/harbor-core:v2.15.2",
    "jobservice docker.io/goharbor/harbor-jobservice:v2.15.2",
    "portal docker.io/goharbor/harbor-portal:v2.15.2",
    "nginx docker.io/goharbor/nginx-photon:v2.15.2",
  ]);
  expect(spec.containers.map(({ command }) => command?.at(-1))).toEqual([
    "set -ae; . /etc/core/secret.env; exec /harbor/entrypoint.sh",
    "set -ae; . /etc/jobservice/secret.env; exec /harbor/entrypoint.sh",
    undefined,
    undefined,
  ]);
  const mounts = spec.containers.flatMap(({ volumeMounts }) => volumeMounts);
  expect(mounts.every(({ readOnly }) => readOnly)).toBe(true);
  expect(spec.volumes.map(({ hostPath }) => hostPath.path)).toEqual(
    ["core", "jobservice", "portal", "nginx", "trusted"].map(
      (name) => `/etc/kubernetes-ha/harbor/${name}`,
    ),
  );
  expect(text).not.toMatch(/SECRET|PASSWORD|REDIS_URL|CSRF/);
});

test("all hosts have the same, but for the address that nginx listens at", () => {
  const [one, other] = registry.hosts.map((host) => filesOf(host));
  const differing = [...(one ?? [])].filter(([path, text]) => other?.get(path) !== text);
  expect(differing.map(([path]) => path)).toEqual(["/etc/kubernetes-ha/harbor/nginx/nginx.conf"]);
});

test("job logs are where every host finds them, and the queue's address is no part of the file", () => {
  expect(parse(fileOf("harbor/jobservice/config.yml"))).toMatchObject({
    ...{ protocol: "http", port: 8082 },
    worker_pool: { backend: "redis", redis_pool: { namespace: "harbor_job_service_namespace" } },
    job_loggers: [{ name: "DB" }],
  });
  expect(fileOf("harbor/jobservice/config.yml")).not.toContain("redis_url");
});

test("the storage is for Harbor alone: on loopback, with a password, and it lets go of what Harbor deletes", () => {
  const config = parse(fileOf("registry/push.yml")) as Record<string, unknown>;
  expect(config).toMatchObject({
    http: { addr: "127.0.0.1:5001" },
    storage: {
      s3: { rootdirectory: "/prod-harbor", forcepathstyle: false },
      delete: { enabled: true },
      maintenance: { readonly: { enabled: false } },
    },
    auth: { htpasswd: { path: "/run/credentials/kubernetes-ha-registry-push.service/users" } },
    validation: { disabled: true },
  });
  expect([...files.keys()].filter((path) => path.endsWith(".service"))).toEqual([
    "/etc/systemd/system/kubernetes-ha-registry-push.service",
  ]);
});

test("nginx leads to core what is core's, whatever its size, and to nobody what is between Harbor's programs", () => {
  const text = fileOf("harbor/nginx/nginx.conf");
  const ways = [...text.matchAll(/location (.+) \{\n\s+(.+);/g)].map(
    ([, at, to]) => `${at}: ${to}`,
  );
  expect(ways).toEqual([
    "/: proxy_pass http://127.0.0.1:8081",
    "/api/: proxy_pass http://127.0.0.1:8080",
    "/c/: proxy_pass http://127.0.0.1:8080",
    "/service/: proxy_pass http://127.0.0.1:8080",
    "/v2/: proxy_pass http://127.0.0.1:8080",
    "/v1/: return 404",
    "/service/notifications: return 404",
    "= /kubernetes-ha/storage: proxy_pass http://127.0.0.1:5001/",
  ]);
  expect(text).toContain("listen 10.0.0.58:5000;");
  expect(text).toContain("client_max_body_size 0;");
  expect(text).toContain("proxy_set_header X-Forwarded-Proto $http_x_forwarded_proto;");
});

test("HAProxy takes a host out for either of its two answers", () => {
  expect(renderFrontends(plan.entry.extraFrontends ?? [])).toContain(`    option httpchk
    http-check connect
    http-check send meth GET uri /api/v2.0/ping ver HTTP/1.1 hdr Host registry.prod.internal
    http-check expect status 200-399
    http-check connect
    http-check send meth GET uri /kubernetes-ha/storage ver HTTP/1.1 hdr Host registry.prod.internal
    http-check expect status 200-399
    default-server check inter 1s`);
});

test("a proxy of the hosts is that of core and jobservice, and of nobody else", () => {
  const proxy = { https_proxy: "http://proxy.example.com:3128", no_proxy: "127.0.0.1" };
  const having = Object.entries(harborContainers(registry, proxy)).filter(
    ([, { env }]) => env["https_proxy"] !== undefined,
  );
  expect(having.map(([name]) => name)).toEqual(["core", "jobservice"]);
});
