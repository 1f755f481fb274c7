import { keysSecret as policy } from "../../../policy/rules/cluster/keysSecret";
import { type FixtureResource, found, tokenOf, unknown } from "../judge";
import { step } from "../steps";

const pem = (kind: string) => `-----BEGIN ${kind}-----\nMIIE\n-----END ${kind}-----\n`;
const fix =
  "Give it by secret standard input or as a secret file, and keep the output secret by additionalSecretOutputs.";

function command(
  props: Record<string, unknown>,
  additionalSecretOutputs?: string[],
): FixtureResource {
  return {
    type: tokenOf("command"),
    name: "run",
    props: { create: "sudo bash step.sh", ...props },
    ...(additionalSecretOutputs === undefined ? {} : { additionalSecretOutputs }),
  };
}

const keys: [string, string][] = [
  ["a key", pem("PRIVATE KEY")],
  ["an RSA key", pem("RSA PRIVATE KEY")],
  ["an SSH key", pem("OPENSSH PRIVATE KEY")],
  ["a kubeconfig's key", "    client-key-data: LS0t\n"],
  ["a kubeconfig's token", "users:\n- user:\n    token: abc\n"],
  ["a token of kubeadm", "kubeadm join api:6443 --token abcdef.0123456789abcdef"],
  ["a token given by =", "kubeadm join --token=abcdef.0123456789abcdef"],
];

test.each([
  ["a certificate", pem("CERTIFICATE")],
  ["a public key", pem("PUBLIC KEY")],
  ["a path to a key", "client-key: /etc/kubernetes/pki/client.key"],
  ["a word", "tokens are made elsewhere; token:"],
])("%s is no secret", (_, content) => {
  expect(found(policy, [step("etcd", "etcd-1", [{ path: "/etc/x", content }])])).toEqual([]);
  expect(found(policy, [command({ create: content })])).toEqual([]);
});

describe.each(keys)("%s", (_, content) => {
  test("in a plain file of a step is denied", () => {
    expect(found(policy, [step("etcd", "etcd-1", [{ path: "/etc/x", content }])])).toEqual([
      `etcd-1-etcd: /etc/x holds a key or a token in plain text. ${fix}`,
    ]);
  });

  test("in a parameter is denied", () => {
    expect(found(policy, [step("etcd", "etcd-1", [], { LIST: ["x", content] })])).toEqual([
      expect.stringContaining("etcd-1-etcd: LIST holds a key or a token"),
    ]);
  });

  test.each(["create", "update", "delete"])("in the command's %s is denied", (input) => {
    expect(found(policy, [command({ [input]: content })])).toEqual([
      `run: ${input} holds a key or a token in plain text. ${fix}`,
    ]);
  });

  test("in the command's environment is denied", () => {
    expect(found(policy, [command({ environment: { A: "x", KEY: content } })])).toHaveLength(1);
  });

  test("on standard input is right, if what is printed is secret", () => {
    expect(found(policy, [command({ stdin: content }, ["stdout", "stderr"])])).toEqual([]);
    for (const outputs of [undefined, [], ["stderr"]]) {
      expect(found(policy, [command({ stdin: content }, outputs)])).toEqual([
        `run: the command is given keys, and its stdout is no secret. ${fix}`,
      ]);
    }
  });
});

test("standard input not known yet is taken to hold keys", () => {
  expect(found(policy, [command({ stdin: unknown }, ["stdout"])])).toEqual([]);
  expect(found(policy, [command({ stdin: unknown })])).toHaveLength(1);
  expect(found(policy, [command({ stdin: "plain" })])).toEqual([]);
});

test("a file not known yet is shown to nobody yet", () => {
  const file = { path: "/etc/x", content: unknown };
  expect(found(policy, [step("etcd", "etcd-1", [file], { N: null, M: 3 })])).toEqual([]);
});
