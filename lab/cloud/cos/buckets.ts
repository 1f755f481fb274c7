import { aclHeader } from "./acl";
import { CosError } from "./errors";
import { ownHeader, requireBucket, type CosCall, type Operation } from "./operation";
import { writeXml } from "./xml";

/** @throws CosError when a bucket of that name cannot be made by this account. */
function checkName({ bucketName, settings: { account } }: CosCall): void {
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?-\d{10}$/.test(bucketName) || bucketName.length > 61) {
    throw new CosError(
      400,
      "InvalidBucketName",
      `'${bucketName}' is no bucket: small letters, digits and hyphens, then -<appid>; 61 characters at most.`,
    );
  }
  if (!bucketName.endsWith(`-${account.appId}`)) {
    throw new CosError(
      403,
      "AccessDenied",
      `'${bucketName}' is of another account; yours is ${account.appId}.`,
    );
  }
}

const putBucket: Operation = {
  name: "PutBucket",
  method: "PUT",
  scope: "bucket",
  handle: (call) => {
    checkName(call);
    if (ownHeader(call, "bucket-object-lock-enabled") === "true") {
      throw new CosError(501, "NotImplemented", "The lab does not serve ObjectLock of buckets.");
    }
    const acl = aclHeader(call) ?? "private";
    call.store.transaction(() => {
      if (call.store.tables.buckets.get(call.bucketName)) {
        throw new CosError(
          409,
          "BucketAlreadyOwnedByYou",
          `You have a bucket '${call.bucketName}' already.`,
        );
      }
      call.store.tables.buckets.put({
        id: call.bucketName,
        seq: call.store.next(),
        createdAt: call.now.toISOString(),
        acl,
        configuration: {},
      });
    });
    return {};
  },
};

const headBucket: Operation = {
  name: "HeadBucket",
  method: "HEAD",
  scope: "bucket",
  handle: (call) => {
    requireBucket(call);
    return { headers: { [`${call.prefix}bucket-region`]: call.settings.region } };
  },
};

const getBucketLocation: Operation = {
  name: "GetBucketLocation",
  method: "GET",
  scope: "bucket",
  parameter: "location",
  handle: (call) => {
    requireBucket(call);
    return { body: writeXml({ LocationConstraint: call.settings.region }) };
  },
};

const deleteBucket: Operation = {
  name: "DeleteBucket",
  method: "DELETE",
  scope: "bucket",
  handle: (call) => {
    const { store } = call;
    store.transaction(() => {
      const { id } = requireBucket(call);
      const within = [...store.tables.objects.list(), ...store.tables.uploads.list()];
      if (within.some((each) => each.bucket === id)) {
        throw new CosError(
          409,
          "BucketNotEmpty",
          `${id} still holds objects or uploads that are not complete.`,
        );
      }
      store.tables.buckets.remove(id);
    });
    return { status: 204 };
  },
};

const listBuckets: Operation = {
  name: "GetService",
  method: "GET",
  scope: "service",
  handle: ({ store, settings: { account, region } }) => ({
    body: writeXml({
      ListAllMyBucketsResult: {
        Owner: { ID: `qcs::cam::uin/${account.uin}:uin/${account.uin}`, DisplayName: account.uin },
        Buckets: {
          Bucket: store.tables.buckets.list().map((each) => ({
            Name: each.id,
            Location: region,
            CreationDate: each.createdAt,
          })),
        },
      },
    }),
  }),
};

export const bucketOperations = [
  putBucket,
  headBucket,
  getBucketLocation,
  deleteBucket,
  listBuckets,
];
