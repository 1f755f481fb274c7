import { type Stack } from "../../facts/stack";
import { stepsOf } from "../../facts/steps";
import { isUnknown } from "../../facts/values";
import { type Finding, type Rule } from "../rule";

/**
 * Looks for keys where everybody sees them: in what steps register for review, and in the text of commands, which is shown in
 * every diff and in every error. And a command that is given keys must not show what it prints.
 */
export const keysSecret: Rule = {
  id: "cluster-keys-secret",
  description:
    "No private key, kubeconfig or token stands in the text of a command or in a plain file of a step.",
  level: "mandatory",
  why: "Diffs, logs and state show them to all who may look, and whoever has the key of a CA or an administrator has the cluster.",
  source:
    "docs/architecture.md, Remote steps; @pulumi/command prints the whole command when it fails",
  fix: "Give it by secret standard input or as a secret file, and keep the output secret by additionalSecretOutputs",
  scope: "resource",
  judge: (stack) => [...plainText(stack), ...openOutputs(stack)],
};

/** A PEM key of any kind, a kubeconfig's client key or token, a bootstrap token on a command line. */
const key =
  /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----|\bclient-key-data: *\S|^ *token: *\S|--token[= ]\S/m;

function plainText(stack: Stack): Finding[] {
  const steps = stepsOf(stack).flatMap(({ resource: { urn }, files, params }) => [
    ...files.map(({ path, content }) => ({ urn, where: path, content })),
    ...Object.entries(params).map(([name, content]) => ({ urn, where: name, content })),
  ]);
  const commands = stack.of("command").flatMap(({ urn, props }) =>
    ["create", "update", "delete", "environment"].map((where) => ({
      urn,
      where,
      content: props[where],
    })),
  );
  const shared = stack
    .of("poolPreparation")
    .flatMap(({ urn, props }) =>
      ["params", "files"].map((where) => ({ urn, where, content: props[where] })),
    );
  return [...steps, ...shared, ...commands]
    .filter(({ content }) => hasKey(content))
    .map(({ urn, where }) => ({ message: `${where} holds a key or a token in plain text`, urn }));
}

/** Commands whose standard input holds keys, or may, and whose output is no secret. */
function openOutputs(stack: Stack): Finding[] {
  return stack
    .of("command")
    .filter(({ props }) => isUnknown(props.stdin) || hasKey(props.stdin))
    .filter(({ additionalSecretOutputs = [] }) => !additionalSecretOutputs.includes("stdout"))
    .map(({ urn }) => ({ message: "the command is given keys, and its stdout is no secret", urn }));
}

function hasKey(content: unknown): boolean {
  if (typeof content === "string") return key.test(content);
  if (typeof content !== "object" || content === null) return false;
  return Object.values(content).some(hasKey);
}
