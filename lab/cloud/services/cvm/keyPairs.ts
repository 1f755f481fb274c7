import { generateKeyPairSync } from "node:crypto";

import { utils as sshUtils } from "ssh2";
import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/cvm/v20170312/cvm_models";

import { action, type Call, type Nothing } from "../../action";
import { ApiError } from "../../errors";
import { applyFilters, cvmRules, page } from "../../query";
import { checkQuota } from "../../quotas";
import type { KeyPairRecord } from "../../records";
import * as s from "../../schema";
import type { Store } from "../../store";
import { createTags, dropTags, specifiedTags, tagSet, tagsOf } from "../../tags";
import { presentInstances } from "./presentInstances";

export const keyId = s.id("skey", "InvalidKeyPairId.Malformed");

/** @throws ApiError `InvalidKeyPairId.NotFound` */
export function requireKeyPair(store: Store, id: string): KeyPairRecord {
  const keyPair = store.tables.keyPairs.get(id);
  if (!keyPair) {
    throw new ApiError("InvalidKeyPairId.NotFound", `The key pair '${id}' does not exist.`);
  }
  return keyPair;
}

/** Instances that carry a key. */
export function keyUsers(store: Store, id: string): string[] {
  return presentInstances(store)
    .filter((each) => each.keyIds.includes(id))
    .map((each) => each.id);
}

function checkName(store: Store, name: string): void {
  if (name === "") {
    throw new ApiError("InvalidKeyPairNameEmpty", "`KeyName` must not be empty.");
  }
  if (name.length > 25) {
    throw new ApiError("InvalidKeyPairNameTooLong", `'${name}' is longer than 25 characters.`);
  }
  if (!/^[A-Za-z0-9_]+$/.test(name)) {
    throw new ApiError(
      "InvalidKeyPairNameIncludeIllegalChar",
      `'${name}' may hold letters, digits and underscores only.`,
    );
  }
  if (store.tables.keyPairs.list().some((each) => each.name === name)) {
    throw new ApiError("InvalidKeyPairName.Duplicate", `A key pair '${name}' exists already.`);
  }
}

/** Type and data of an OpenSSH public key, without its comment. @throws ApiError when it is none. */
function normalise(publicKey: string): string {
  const parsed = sshUtils.parseKey(publicKey);
  if (parsed instanceof Error || parsed.isPrivateKey()) {
    throw new ApiError("InvalidPublicKey.Malformed", "PublicKey is not an OpenSSH public key.");
  }
  return publicKey.trim().split(/\s+/).slice(0, 2).join(" ");
}

function create(call: Call, name: string, projectId: number, publicKey: string): KeyPairRecord {
  const { store, now } = call;
  checkName(store, name);
  const existing = store.tables.keyPairs.list();
  checkQuota(call, "keyPairs", existing.length + 1);
  if (existing.some((each) => normalise(each.publicKey) === normalise(publicKey))) {
    throw new ApiError("InvalidPublicKey.Duplicate", "A key pair with this public key exists.");
  }
  return store.tables.keyPairs.put({
    id: store.newId("skey", "keyPairs"),
    seq: store.next(),
    createdAt: now.toISOString(),
    name,
    projectId,
    description: "",
    publicKey: publicKey.trim(),
  });
}

function toModel(store: Store, keyPair: KeyPairRecord, privateKey = ""): s.Full<Models.KeyPair> {
  return {
    KeyId: keyPair.id,
    KeyName: keyPair.name,
    ProjectId: keyPair.projectId,
    Description: keyPair.description,
    PublicKey: keyPair.publicKey,
    PrivateKey: privateKey,
    AssociatedInstanceIds: keyUsers(store, keyPair.id),
    CreatedTime: keyPair.createdAt,
    Tags: tagSet(store, "cvm/keypair", keyPair.id),
  };
}

const importKeyPair = action<Models.ImportKeyPairRequest, Models.ImportKeyPairResponse>(
  "ImportKeyPair",
  s.model<Models.ImportKeyPairRequest>({
    KeyName: s.text,
    ProjectId: s.integer,
    PublicKey: s.text,
    TagSpecification: s.tagSpecification,
  }),
  (call, request) => {
    normalise(request.PublicKey);
    const keyPair = create(call, request.KeyName, request.ProjectId, request.PublicKey);
    const tags = specifiedTags(request.TagSpecification, "keypair");
    createTags(call.store, "cvm/keypair", keyPair.id, tags);
    return { KeyId: keyPair.id };
  },
);

const createKeyPair = action<Models.CreateKeyPairRequest, Models.CreateKeyPairResponse>(
  "CreateKeyPair",
  s.model<Models.CreateKeyPairRequest>({
    KeyName: s.text,
    ProjectId: s.integer,
    TagSpecification: s.tagSpecification,
  }),
  (call, request) => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const pem = privateKey.export({ type: "pkcs1", format: "pem" }).toString();
    const parsed = sshUtils.parseKey(pem);
    if (parsed instanceof Error) {
      throw parsed;
    }
    const publicKey = `${parsed.type} ${parsed.getPublicSSH().toString("base64")}`;
    const keyPair = create(call, request.KeyName, request.ProjectId, publicKey);
    const tags = specifiedTags(request.TagSpecification, "keypair");
    createTags(call.store, "cvm/keypair", keyPair.id, tags);
    // The only time the private key is told; it is not kept.
    return { KeyPair: toModel(call.store, keyPair, pem) };
  },
);

const describeKeyPairs = action<Models.DescribeKeyPairsRequest, Models.DescribeKeyPairsResponse>(
  "DescribeKeyPairs",
  s.model<Models.DescribeKeyPairsRequest>({
    KeyIds: keyId.array().optional(),
    Filters: s.filters,
    Offset: s.optionalInteger,
    Limit: s.optionalInteger,
  }),
  ({ store }, request) => {
    const chosen = store.tables.keyPairs
      .list()
      .filter((each) => !request.KeyIds || request.KeyIds.includes(each.id));
    const found = applyFilters(
      chosen,
      request.Filters,
      { "project-id": (v) => String(v.projectId), "key-name": (v) => v.name },
      cvmRules,
      (v) => tagsOf(store, "cvm/keypair", v.id),
    );
    return {
      TotalCount: found.length,
      KeyPairSet: page(found, request.Offset, request.Limit, cvmRules).map((v) =>
        toModel(store, v),
      ),
    };
  },
);

const modifyKeyPairAttribute = action<Models.ModifyKeyPairAttributeRequest, Nothing>(
  "ModifyKeyPairAttribute",
  s.model<Models.ModifyKeyPairAttributeRequest>({
    KeyId: keyId,
    KeyName: s.optionalText,
    Description: s.optionalText,
  }),
  ({ store }, request) => {
    const keyPair = requireKeyPair(store, request.KeyId);
    if (request.KeyName !== undefined && request.KeyName !== keyPair.name) {
      checkName(store, request.KeyName);
    }
    store.tables.keyPairs.put({
      ...keyPair,
      name: request.KeyName ?? keyPair.name,
      description: request.Description ?? keyPair.description,
    });
    return {};
  },
);

const deleteKeyPairs = action<Models.DeleteKeyPairsRequest, Nothing>(
  "DeleteKeyPairs",
  s.model<Models.DeleteKeyPairsRequest>({ KeyIds: keyId.array().min(1) }),
  ({ store }, request) => {
    for (const id of request.KeyIds) {
      requireKeyPair(store, id);
      const users = keyUsers(store, id);
      if (users.length > 0) {
        throw new ApiError(
          "InvalidParameterValue.KeyPairNotSupported",
          `${id} is still bound to ${users.join(", ")}.`,
        );
      }
      store.tables.keyPairs.remove(id);
      dropTags(store, "cvm/keypair", id);
    }
    return {};
  },
);

export const keyPairActions = [
  importKeyPair,
  createKeyPair,
  describeKeyPairs,
  modifyKeyPairAttribute,
  deleteKeyPairs,
];
