import { type DistributionPlan, type HostPlan, type RegistryPlan } from "../plan/cluster";
import { type NeededFile } from "../plan/needs";
import { registryPorts } from "../plan/registry";
import { paths } from "./paths";
import { toYaml } from "./yaml";

/**
 * The two programs of a registry's host: one that only reads, for everybody, and one that takes images, for who has the password. Of kind `harbor` there is only
 * the second, and Harbor has the password.
 */
export const registryUnits = {
  pull: "kubernetes-ha-registry",
  push: "kubernetes-ha-registry-push",
} as const;

type Use = keyof typeof registryUnits;

const uses: readonly Use[] = ["pull", "push"];

/** Where systemd has a program's credential, which no other process reads. */
const credential = (use: Use, name: string) =>
  `/run/credentials/${registryUnits[use]}.service/${name}`;

const configOf = (use: Use) => `${paths.registryDir}/${use}.yml`;

/** What of a host of kind `distribution` is no secret. */
export function distributionFiles(plan: DistributionPlan, { address }: HostPlan): NeededFile[] {
  return [
    keysFile(plan),
    ...uses.flatMap((use) => [
      {
        path: configOf(use),
        content: renderRegistry(plan, use, `${address}:${registryPorts[use]}`),
      },
      unitFile(use),
    ]),
  ];
}

/** The Distribution behind a Harbor of the same host, which alone talks to it. */
export function storageFiles(plan: RegistryPlan, listen: string): NeededFile[] {
  return [
    keysFile(plan),
    {
      path: configOf("push"),
      content: renderRegistry(plan, "push", listen, {
        // Harbor lets go of what it has no artifact of any more.
        storage: { delete: { enabled: true } },
        // Of an index it has fetched for somebody Harbor keeps what was asked for, and no more.
        settings: { validation: { disabled: true } },
      }),
    },
    unitFile("push"),
  ];
}

/**
 * Configuration of Distribution (3.x).
 *
 * - Images are in a bucket named in the host (`forcepathstyle`), as COS refuses all else, and go through here: nodes need no way to the storage.
 * - An upload may go on at another host: its state is in the storage, signed by a secret that all share (`REGISTRY_HTTP_SECRET`).
 * - No health check asks the storage. It is the same for all hosts, and would take all out at once.
 */
export function renderRegistry(
  { store }: Pick<RegistryPlan, "store">,
  use: Use,
  listen: string,
  more: { storage?: object; settings?: object } = {},
): string {
  const reads = use === "pull";
  return toYaml({
    version: 0.1,
    // HAProxy logs who asked for what.
    log: { level: "warn", accesslog: { disabled: true } },
    storage: {
      s3: {
        region: store.region,
        regionendpoint: store.endpoint,
        bucket: store.bucket,
        rootdirectory: `/${store.prefix.replace(/\/$/, "")}`,
        forcepathstyle: false,
      },
      cache: { blobdescriptor: "inmemory" },
      redirect: { disable: true },
      ...more.storage,
      maintenance: {
        readonly: { enabled: reads },
        // What uploads that were given up have left.
        uploadpurging: { enabled: !reads, age: "168h", interval: "24h", dryrun: false },
      },
    },
    http: { addr: listen, draintimeout: "30s" },
    ...(reads ? {} : { auth: { htpasswd: { realm: "push", path: credential(use, "users") } } }),
    ...more.settings,
  });
}

function keysFile(plan: Pick<RegistryPlan, "store">): NeededFile {
  return { path: paths.registryKeys, content: renderRegistryKeys(plan) };
}

function unitFile(use: Use): NeededFile {
  return {
    path: `/etc/systemd/system/${registryUnits[use]}.service`,
    content: renderRegistryUnit(use),
  };
}

/** How the SDK of AWS gets keys for the storage: from a program that asks the platform for those of this instance's role. */
export function renderRegistryKeys({ store }: Pick<RegistryPlan, "store">): string {
  return `# Made by tencentcloud-kubernetes-ha; changes here are lost.
[default]
credential_process = /usr/local/lib/kubernetes-ha/role_keys.py ${store.role}
`;
}

function renderRegistryUnit(use: Use): string {
  const reads = use === "pull";
  return `# Made by tencentcloud-kubernetes-ha; changes here are lost.
[Unit]
Description=Container registry, ${reads ? "for those who pull" : "for those who push"}
Documentation=https://distribution.github.io/distribution/
Wants=network-online.target
After=network-online.target
# It is started again for ever: a host must come back by itself.
StartLimitIntervalSec=0

[Service]
ExecStart=/usr/local/bin/registry serve ${configOf(use)}
EnvironmentFile=${paths.registrySecret}
${reads ? "" : `LoadCredential=users:${paths.registryUsers}\n`}Environment=AWS_SDK_LOAD_CONFIG=1 AWS_CONFIG_FILE=${paths.registryKeys}
# Or it sends traces to a collector on this host, which there is none of.
Environment=OTEL_TRACES_EXPORTER=none
Restart=always
RestartSec=1
LimitNOFILE=65536
# A user of its own who may write nowhere.
DynamicUser=yes
ProtectHome=yes
PrivateDevices=yes
CapabilityBoundingSet=
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX

[Install]
WantedBy=multi-user.target
`;
}
