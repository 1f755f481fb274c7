import { type Resource } from "../../facts/stack";
import { isUnknown, object, type Props, text } from "../../facts/values";
import { type Finding, type Rule } from "../rule";

/** Reads whom a bucket lets in: by its canned ACL, its ACL as XML, or its policy. */
export const noPublicBucket: Rule = {
  id: "data-no-public-bucket",
  description: "No COS bucket can be read or written by everybody.",
  level: "mandatory",
  why: "Snapshots of etcd hold every Secret of the cluster, and whoever can write where hosts fetch from owns them.",
  source: "Tencent Cloud COS, documents 436/13327 (ACL) and 436/12469 (access policy language)",
  fix: 'Use acl "private", and name in the policy who may do what',
  scope: "resource",
  judge: (stack) => [
    ...stack.of("bucket").flatMap((bucket) => [...cannedAcl(bucket), ...aclBody(bucket)]),
    ...stack.of("bucketPolicy").flatMap(policyDocument),
  ],
};

function cannedAcl({ urn, props: { acl } }: Resource): Finding[] {
  if (isUnknown(acl)) return [undecided("acl", urn)];
  const given = text(acl);
  return given?.startsWith("public-") ? [{ message: `the bucket has acl "${given}"`, urn }] : [];
}

function aclBody({ urn, props }: Resource): Finding[] {
  if (isUnknown(props.aclBody)) return [undecided("aclBody", urn)];
  // The group of everybody, and the one of everybody with an account.
  const group = /groups\/global\/(AllUsers|AuthenticatedUsers)/i.exec(text(props.aclBody) ?? "");
  return group?.[1] === undefined
    ? []
    : [{ message: `the bucket's ACL lets in the group ${group[1]}`, urn }];
}

function policyDocument({ urn, props: { policy } }: Resource): Finding[] {
  if (isUnknown(policy)) return [undecided("policy", urn)];
  let document: Props;
  try {
    document = object(JSON.parse(text(policy) ?? "{}") as unknown);
  } catch {
    const message = "the policy of the bucket is no JSON, so whom it lets in cannot be told";
    return [{ message, urn, undecided: true }];
  }
  return asList(field(document, "statement"))
    .map(object)
    .filter((statement) => String(field(statement, "effect")).toLowerCase() === "allow")
    .filter((statement) => principals(field(statement, "principal")).some(isEverybody))
    .map(() => ({ message: "the policy of the bucket lets everybody in", urn }));
}

function undecided(input: string, urn: string): Finding {
  const message = `the ${input} of the bucket is known only after the update`;
  return { message, fix: "Write it down in the program", urn, undecided: true };
}

/** A field of a policy, whose names are read in any case. */
function field(document: Props, name: string): unknown {
  return Object.entries(document).find(([key]) => key.toLowerCase() === name)?.[1];
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [value];
}

function principals(principal: unknown): unknown[] {
  return typeof principal === "string"
    ? [principal]
    : Object.values(object(principal)).flatMap(asList);
}

function isEverybody(principal: unknown): boolean {
  return principal === "*" || principal === "qcs::cam::anyone:anyone";
}
