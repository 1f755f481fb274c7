import { ApiError } from "./errors";
import type { Tables } from "./records";
import type { Store } from "./store";

/** Service and type under which the tag service knows each kind of resource, and where it is kept. */
export const tagKinds = {
  "vpc/vpc": "vpcs",
  "vpc/subnet": "subnets",
  "vpc/rtb": "routeTables",
  "cvm/sg": "securityGroups",
  "vpc/havip": "haVips",
  "vpc/eip": "addresses",
  "vpc/nat": "natGateways",
  "cvm/instance": "instances",
  "cvm/volume": "disks",
  "cvm/ps": "placementGroups",
  "cvm/keypair": "keyPairs",
  "privatedns/zone": "privateZones",
  "cam/role": "roles",
  "clb/clb": "loadBalancers",
  "clb/targetgroup": "targetGroups",
} as const satisfies Record<string, keyof Tables>;

export type TagKind = keyof typeof tagKinds;

export function isTagKind(kind: string): kind is TagKind {
  return Object.hasOwn(tagKinds, kind);
}

/** Tags of a resource; an empty object without any. */
export function tagsOf(store: Store, kind: TagKind, id: string): Record<string, string> {
  return store.tables.tags.get(`${kind}/${id}`)?.tags ?? {};
}

/** Tags in the form of the services cvm, vpc and cbs. */
export function tagSet(store: Store, kind: TagKind, id: string): { Key: string; Value: string }[] {
  return Object.entries(tagsOf(store, kind, id)).map(([Key, Value]) => ({ Key, Value }));
}

/** Most tags one resource may carry. */
const maxTags = 50;

/** Beginnings of the keys that the platform keeps for itself (product/651/13354; error codes of the tag service). */
const reservedKeys = ["qcs:", "project", "qcloud", "tencent", "项目"];

/** Signs that keys and values may have besides letters, digits and inner spaces; the last ones are the Chinese forms. */
const signs = new Set("+-=._:/@()[],;><（）【】：");

/** @throws ApiError unless a key or value has 1 to `most` characters, all of them allowed ones, and no space at either end. */
function checkText(what: "TagKey" | "TagValue", text: string, most: number): void {
  const characters = Array.from(text);
  const refuse = (code: string, why: string): never => {
    throw new ApiError(`InvalidParameterValue.${what}${code}`, `${what} '${text}' ${why}.`);
  };
  if (characters.length === 0) refuse("Empty", "is empty");
  if (characters.length > most) refuse("LengthExceeded", `is longer than ${most} characters`);
  const foreign = characters.find(
    (each) => each !== " " && !signs.has(each) && !/[\p{L}\p{M}\p{N}]/u.test(each),
  );
  if (foreign !== undefined) refuse("CharacterIllegal", `has '${foreign}'`);
  if (text.trim() !== text) refuse("CharacterIllegal", "begins or ends with a space");
}

/**
 * Sets and removes tags of a resource.
 * @throws ApiError when a key or value is not allowed, or there are too many.
 */
export function changeTags(
  store: Store,
  kind: TagKind,
  id: string,
  set: Record<string, string>,
  remove: string[] = [],
): void {
  for (const [key, value] of Object.entries(set)) {
    checkText("TagKey", key, 127);
    checkText("TagValue", value, 255);
    const reserved = reservedKeys.find((prefix) => key.toLowerCase().startsWith(prefix));
    if (reserved !== undefined) {
      throw new ApiError(
        "InvalidParameter.ReservedTagKey",
        `Tag key '${key}' is reserved: it begins with ${reserved}.`,
      );
    }
  }
  const tags = Object.fromEntries(
    Object.entries({ ...tagsOf(store, kind, id), ...set }).filter(([key]) => !remove.includes(key)),
  );
  if (Object.keys(tags).length > maxTags) {
    throw new ApiError("LimitExceeded.ResourceAttachedTags", `At most ${maxTags} tags a resource.`);
  }
  const recordId = `${kind}/${id}`;
  if (Object.keys(tags).length === 0) {
    store.tables.tags.remove(recordId);
    return;
  }
  const existing = store.tables.tags.get(recordId);
  store.tables.tags.put({
    id: recordId,
    seq: existing?.seq ?? store.next(),
    createdAt: existing?.createdAt ?? new Date().toISOString(),
    tags,
  });
}

/** Writes the tags given in a create call. */
export function createTags(
  store: Store,
  kind: TagKind,
  id: string,
  tags: { Key: string; Value?: string | undefined }[] | undefined,
): void {
  if (tags?.length) {
    changeTags(store, kind, id, Object.fromEntries(tags.map((t) => [t.Key, t.Value ?? ""])));
  }
}

/** The tags that a TagSpecification has for one type of resource. */
export function specifiedTags(
  specification: { ResourceType: string; Tags: { Key: string; Value: string }[] }[] | undefined,
  resourceType: string,
): { Key: string; Value: string }[] {
  return (specification ?? [])
    .filter((each) => each.ResourceType === resourceType)
    .flatMap((each) => each.Tags);
}

/** Forgets the tags of a resource that is gone. */
export function dropTags(store: Store, kind: TagKind, id: string): void {
  store.tables.tags.remove(`${kind}/${id}`);
}
