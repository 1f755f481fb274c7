import { noPublicBucket as policy } from "../../../policy/rules/data/noPublicBucket";
import { found, tokenOf, unknown } from "../judge";

const bucket = (props: Record<string, unknown>) =>
  found(policy, [{ type: tokenOf("bucket"), name: "backup", props }]);
const withPolicy = (document: unknown) =>
  found(policy, [{ type: tokenOf("bucketPolicy"), name: "backup", props: { policy: document } }]);
const statement = (change: object = {}) =>
  JSON.stringify({
    version: "2.0",
    statement: [
      {
        effect: "allow",
        principal: { qcs: ["qcs::cam::uin/100000000001:uin/100000000001"] },
        action: ["cos:GetObject"],
        resource: ["*"],
        ...change,
      },
    ],
  });
const fix = 'Use acl "private", and name in the policy who may do what.';

test.each([{}, { acl: "private" }, { acl: "" }, { aclBody: "<ID>qcs::cam::uin/1:uin/1</ID>" }])(
  "a bucket with %j is allowed",
  (props) => {
    expect(bucket(props)).toEqual([]);
  },
);

test.each(["public-read", "public-read-write"])("acl %s is denied", (acl) => {
  expect(bucket({ acl })).toEqual([`backup: the bucket has acl "${acl}". ${fix}`]);
});

test.each(["AllUsers", "AuthenticatedUsers"])("an ACL that lets in %s is denied", (group) => {
  const aclBody = `<Grantee><URI>http://cam.qcloud.com/groups/global/${group}</URI></Grantee>`;
  expect(bucket({ aclBody })).toEqual([
    `backup: the bucket's ACL lets in the group ${group}. ${fix}`,
  ]);
});

test.each([
  ["names who may", statement()],
  ["denies everybody", statement({ effect: "deny", principal: { qcs: ["*"] } })],
  ["is not there", undefined],
  ["says nothing", "{}"],
  ["is a list", "[]"],
])("a policy that %s is allowed", (_, document) => {
  expect(withPolicy(document)).toEqual([]);
});

test.each<[string, object]>([
  ["anyone", { principal: { qcs: ["qcs::cam::anyone:anyone"] } }],
  ["anyone beside somebody", { principal: { qcs: ["qcs::cam::uin/1:uin/1", "*"] } }],
  ["a star in a list", { principal: { qcs: "*" } }],
  ["a star", { principal: "*" }],
  ["other case", { effect: "Allow", principal: undefined, Principal: { QCS: ["*"] } }],
])("a policy that lets in everybody, as %s, is denied", (_, change) => {
  expect(withPolicy(statement(change))).toEqual([
    `backup: the policy of the bucket lets everybody in. ${fix}`,
  ]);
});

test("a statement that is in no list is read as well", () => {
  const document = JSON.stringify({ Statement: { Effect: "allow", Principal: "*" } });
  expect(withPolicy(document)).toHaveLength(1);
});

test("a policy that cannot be read leaves it undecided", () => {
  expect(withPolicy("{")).toEqual([
    `backup: cannot decide: the policy of the bucket is no JSON, so whom it lets in cannot be told. ${fix}`,
  ]);
});

test.each([
  ["acl", bucket({ acl: unknown })],
  ["aclBody", bucket({ aclBody: unknown })],
  ["policy", withPolicy(unknown)],
])("an %s not known yet leaves it undecided", (input, verdict) => {
  expect(verdict).toEqual([
    `backup: cannot decide: the ${input} of the bucket is known only after the update. Write it down in the program.`,
  ]);
});
