import { CosError, invalidArgument } from "./errors";
import {
  ownHeader,
  receiveText,
  requireBucket,
  requireObject,
  type CosAnswer,
  type CosCall,
  type Operation,
} from "./operation";
import { cannedAcls, type CannedAcl } from "./records";
import { readXml, writeXml, type Xml } from "./xml";

const everyone = "http://cam.qcloud.com/groups/global/AllUsers";

/** The access list a header gives, if it gives one. @throws CosError `InvalidArgument` */
export function aclHeader(call: CosCall): CannedAcl | undefined {
  const value = ownHeader(call, "acl");
  if (value === undefined || value === "default") {
    return undefined;
  }
  const acl = cannedAcls.find((each) => each === value);
  if (!acl) {
    throw invalidArgument(`The access list is '${value}', it must be ${cannedAcls.join(", ")}.`);
  }
  const grants = ["read", "write", "full-control", "read-acp", "write-acp"];
  if (grants.some((each) => ownHeader(call, `grant-${each}`) !== undefined)) {
    throw new CosError(501, "NotImplemented", "Grants by header are not served; use an ACL.");
  }
  return acl;
}

/** The access list in a header, else in the body. */
async function receiveAcl(call: CosCall): Promise<CannedAcl> {
  const text = await receiveText(call);
  return text === "" ? (aclHeader(call) ?? "private") : fromDocument(text);
}

/** @throws CosError `NotImplemented` for lists that no canned one stands for. */
function fromDocument(text: string): CannedAcl {
  const list = readXml(text, "AccessControlPolicy")["AccessControlList"] as Xml | undefined;
  const grants = (list?.["Grant"] ?? []) as Xml[];
  const open = grants
    .filter((grant) => (grant["Grantee"] as Xml)["URI"] === everyone)
    .map((grant) => grant["Permission"] as string);
  const unusual = open.find((each) => each !== "READ" && each !== "WRITE");
  if (unusual !== undefined || (open.includes("WRITE") && !open.includes("READ"))) {
    throw new CosError(
      501,
      "NotImplemented",
      `Only the lists ${cannedAcls.join(", ")} are served, not ${open.join(" and ")} for everyone.`,
    );
  }
  return open.includes("WRITE")
    ? "public-read-write"
    : open.includes("READ")
      ? "public-read"
      : "private";
}

function toDocument({ settings }: CosCall, acl: CannedAcl | "default"): string {
  const { uin } = settings.account;
  const owner = { ID: `qcs::cam::uin/${uin}:uin/${uin}`, DisplayName: uin };
  const grant = (grantee: Xml, Permission: string): Xml => ({ Grantee: grantee, Permission });
  const xsi = "http://www.w3.org/2001/XMLSchema-instance";
  const own = { "@_xmlns:xsi": xsi, "@_xsi:type": "CanonicalUser", ...owner };
  const all = { "@_xmlns:xsi": xsi, "@_xsi:type": "Group", URI: everyone };
  const grants = [
    ...(acl.startsWith("public-read") ? [grant(all, "READ")] : []),
    ...(acl === "public-read-write" ? [grant(all, "WRITE")] : []),
    grant(own, "FULL_CONTROL"),
  ];
  return writeXml({
    AccessControlPolicy: { Owner: owner, AccessControlList: { Grant: grants } },
  });
}

function answer(call: CosCall, acl: CannedAcl | "default"): CosAnswer {
  return { headers: { [`${call.prefix}acl`]: acl }, body: toDocument(call, acl) };
}

export const aclOperations: Operation[] = [
  {
    name: "GetBucketACL",
    method: "GET",
    scope: "bucket",
    parameter: "acl",
    handle: (call) => answer(call, requireBucket(call).acl),
  },
  {
    name: "PutBucketACL",
    method: "PUT",
    scope: "bucket",
    parameter: "acl",
    handle: async (call) => {
      const acl = await receiveAcl(call);
      call.store.transaction(() => {
        call.store.tables.buckets.put({ ...requireBucket(call), acl });
      });
      return {};
    },
  },
  {
    name: "GetObjectACL",
    method: "GET",
    scope: "object",
    parameter: "acl",
    handle: (call) => answer(call, requireObject(call).acl),
  },
  {
    name: "PutObjectACL",
    method: "PUT",
    scope: "object",
    parameter: "acl",
    handle: async (call) => {
      const acl = await receiveAcl(call);
      call.store.transaction(() => {
        call.store.tables.objects.put({ ...requireObject(call), acl });
      });
      return {};
    },
  },
];
