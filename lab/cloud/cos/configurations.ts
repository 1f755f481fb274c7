import { CosError } from "./errors";
import { receiveText, requireBucket, type CosCall, type Operation } from "./operation";
import { readXml } from "./xml";

/** A setting of a bucket that is kept as it was sent and answered so. */
interface Configuration {
  /** Query parameter. */
  parameter: string;
  /** Name in the vendor's operations: `PutBucket<name>`. */
  name: string;
  /** Root element of its document; undefined = JSON. */
  root?: string;
  /** Code when there is none; undefined = an empty document is answered. */
  missing?: string;
}

const configurations: Configuration[] = [
  {
    parameter: "website",
    name: "Website",
    root: "WebsiteConfiguration",
    missing: "NoSuchWebsiteConfiguration",
  },
  {
    parameter: "encryption",
    name: "Encryption",
    root: "ServerSideEncryptionConfiguration",
    missing: "NoSuchEncryptionConfiguration",
  },
  { parameter: "versioning", name: "Versioning", root: "VersioningConfiguration" },
  { parameter: "accelerate", name: "Accelerate", root: "AccelerateConfiguration" },
  {
    parameter: "cors",
    name: "CORS",
    root: "CORSConfiguration",
    missing: "NoSuchCORSConfiguration",
  },
  {
    parameter: "lifecycle",
    name: "Lifecycle",
    root: "LifecycleConfiguration",
    missing: "NoSuchLifecycleConfiguration",
  },
  { parameter: "logging", name: "Logging", root: "BucketLoggingStatus" },
  { parameter: "tagging", name: "Tagging", root: "Tagging", missing: "NoSuchTagSet" },
  {
    parameter: "intelligenttiering",
    name: "IntelligentTiering",
    root: "IntelligentTieringConfiguration",
    missing: "NoSuchIntelligentTieringConfiguration",
  },
  {
    parameter: "object-lock",
    name: "ObjectLock",
    root: "ObjectLockConfiguration",
    missing: "NoSuchObjectLockConfiguration",
  },
  { parameter: "policy", name: "Policy", missing: "NoSuchBucketPolicy" },
  {
    parameter: "replication",
    name: "Replication",
    root: "ReplicationConfiguration",
    missing: "ReplicationConfigurationNotFoundError",
  },
  {
    parameter: "origin",
    name: "Origin",
    root: "OriginConfiguration",
    missing: "NoSuchOriginConfiguration",
  },
  {
    parameter: "domain",
    name: "Domain",
    root: "DomainConfiguration",
    missing: "NoSuchDomainConfiguration",
  },
];

/** Settings that change what happens to objects: the lab keeps one version of each and lets nothing be locked or copied away. */
const unserved: Record<string, { what: string; pattern: RegExp }> = {
  versioning: { what: "Status Enabled", pattern: /<Status>\s*Enabled/i },
  "object-lock": { what: "ObjectLockEnabled", pattern: /Enabled/i },
  replication: { what: "any rule", pattern: /./ },
};

/** @throws CosError when a document is not of its kind, or asks for what the lab does not do. */
function check({ parameter, root, name }: Configuration, text: string): void {
  if (root !== undefined) {
    readXml(text, root);
  } else {
    checkJson(text);
  }
  if (unserved[parameter]?.pattern.test(text)) {
    throw new CosError(501, "NotImplemented", `The lab does not serve ${name} of buckets.`);
  }
}

function checkJson(text: string): void {
  try {
    JSON.parse(text);
  } catch (error) {
    throw new CosError(
      400,
      "MalformedPolicy",
      `The policy is not JSON: ${(error as Error).message}.`,
    );
  }
}

function set(call: CosCall, parameter: string, text: string | undefined): void {
  call.store.transaction(() => {
    const bucket = requireBucket(call);
    const others = Object.entries(bucket.configuration).filter(([name]) => name !== parameter);
    const configuration = Object.fromEntries(
      text === undefined ? others : [...others, [parameter, text]],
    );
    call.store.tables.buckets.put({ ...bucket, configuration });
  });
}

function operationsOf(configuration: Configuration): Operation[] {
  const { parameter, name, root, missing } = configuration;
  return [
    {
      name: `GetBucket${name}`,
      method: "GET",
      scope: "bucket",
      parameter,
      handle: (call) => {
        const bucket = requireBucket(call);
        const text = bucket.configuration[parameter];
        if (text === undefined && missing !== undefined) {
          throw new CosError(404, missing, `${bucket.id} has no ${name}.`);
        }
        const type = root === undefined ? "application/json" : "application/xml";
        return { headers: { "content-type": type }, body: text ?? `<${root ?? ""}/>` };
      },
    },
    {
      name: `PutBucket${name}`,
      method: "PUT",
      scope: "bucket",
      parameter,
      refused: unserved[parameter]?.what,
      handle: async (call) => {
        requireBucket(call);
        const text = await receiveText(call);
        check(configuration, text);
        set(call, parameter, text);
        return {};
      },
    },
    {
      name: `DeleteBucket${name}`,
      method: "DELETE",
      scope: "bucket",
      parameter,
      handle: (call) => {
        set(call, parameter, undefined);
        return { status: 204 };
      },
    },
  ];
}

export const configurationOperations: Operation[] = configurations.flatMap(operationsOf);
