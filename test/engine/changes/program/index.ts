import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { getPackage } from "@pulumi/tencentcloud/bin/utilities";
import { type Recorded, secretMark } from "../recorded";

/** A component of whatever type. */
class Component extends pulumi.ComponentResource {}

/** A resource of whatever type. */
class Custom extends pulumi.CustomResource {}

/** Registers every resource of the file: the same types, inputs, parents and dependencies, below any component's validation. */
const file = process.env["CHANGES_RESOURCES"];
if (file === undefined) throw new Error("set CHANGES_RESOURCES to the file of resources");
const recorded = JSON.parse(readFileSync(file, "utf8")) as Recorded[];

const made = new Map<string, pulumi.Resource>();
const byUrn = new Map(recorded.map((resource) => [resource.urn, resource]));
for (const { urn } of recorded) make(urn);

/** The resource of a URN, after all that it depends on; undefined for one that is not in the file. */
function make(urn: string): pulumi.Resource | undefined {
  const resource = byUrn.get(urn);
  if (resource !== undefined && !made.has(urn)) made.set(urn, register(resource));
  return made.get(urn);
}

function register(resource: Recorded): pulumi.Resource {
  const { urn, type, custom, parent, deletedWith } = resource;
  const name = urn.slice(urn.lastIndexOf("::") + 2);
  const opts: pulumi.CustomResourceOptions = {
    parent: parent === undefined ? undefined : make(parent),
    dependsOn: found(resource.dependencies ?? []),
    deletedWith: deletedWith === undefined ? undefined : make(deletedWith),
    ...(resource.additionalSecretOutputs && {
      additionalSecretOutputs: resource.additionalSecretOutputs,
    }),
    // As the plugin's SDK says it: the plugin by itself only updates for a trigger.
    replaceOnChanges: type.startsWith("command:") ? ["triggers[*]"] : resource.replaceOnChanges,
    ...(type.startsWith("command:") && { version: "1.2.1" }),
  };
  const inputs = Object.fromEntries(
    Object.entries(resource.inputs ?? {})
      .filter(([input]) => !input.startsWith("__"))
      .map(([input, value]) => [input, from(value, resource.propertyDependencies?.[input] ?? [])]),
  );
  if (!custom) return new Component(type, name, inputs, opts);
  const packageRef = type.startsWith("tencentcloud:") ? getPackage() : undefined;
  return new Custom(type, name, inputs, opts, false, packageRef);
}

function found(urns: readonly string[]): pulumi.Resource[] {
  return urns.flatMap((urn) => make(urn) ?? []);
}

/**
 * An input as its program wrote it: ids of the resources it was made from become what those resources give, so that they are
 * unknown when these are made anew, and all of it is when it was made of something else of theirs.
 */
function from(value: unknown, sources: readonly string[]): pulumi.Input<unknown> {
  const text = JSON.stringify(value);
  const holds = (id: string | undefined): boolean =>
    id !== undefined && (text.includes(`"${id}"`) || text.includes(`\\"${id}\\"`));
  const hidden = found(sources.filter((urn) => !holds(byUrn.get(urn)?.id))).flatMap((source) =>
    source instanceof pulumi.CustomResource ? [source.id] : [],
  );
  const read = replaceIds(value, sources);
  return hidden.length === 0 ? read : pulumi.all([read, ...hidden]).apply(([known]) => known);
}

function replaceIds(value: unknown, sources: readonly string[]): pulumi.Input<unknown> {
  if (typeof value === "string") {
    const source = sources.find((urn) => byUrn.get(urn)?.id === value);
    const resource = source === undefined ? undefined : make(source);
    return resource instanceof pulumi.CustomResource ? resource.id : value;
  }
  if (Array.isArray(value)) return value.map((each) => replaceIds(each, sources));
  if (typeof value !== "object" || value === null) return value;
  const object = value as Record<string, unknown>;
  if (object[secretMark.key] === secretMark.value) {
    // A secret may hold secrets: the plugin marks the keys in a connection, which is one itself.
    return pulumi.secret(replaceIds(JSON.parse(object["plaintext"] as string), sources));
  }
  return Object.fromEntries(
    Object.entries(object).map(([key, each]) => [key, replaceIds(each, sources)]),
  );
}
