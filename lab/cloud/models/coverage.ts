import { writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Action, Service } from "../action";
import { operations } from "../cos";
import { callsPerSecond } from "../limits";
import { treatments, type Treatment } from "../schema";
import { services } from "../services";
import { plannedActions } from "./planned";

const file = join(__dirname, "../../../docs/cloud-coverage.md");

const head = `# What the local cloud serves

Made by \`tsx lab/cloud/models/coverage.ts\` from the code; a test fails when it is not current. Every field of the official models is known and
checked (names, types, what is required, at any depth); what becomes of it then is one of three:

- **honoured**: it does what the real API does with it;
- **ignored**: any value of its type passes, nothing comes of it;
- **refused**: \`UnsupportedOperation\`, since the lab has nothing behind it; false, zero and empty pass.

Fields not named below are honoured. *Calls/s* is the documented rate. *Inferred* is what no document tells and the lab decided. An action that is
not served answers \`InvalidAction\`.
`;

/** Fields of an action that get one treatment; what is below a field of that treatment is not told again. */
function fieldsWith(action: Action, treatment: Treatment): string {
  return treatments(action.schema)
    .filter(([, each]) => each === treatment)
    .map(([path]) => path)
    .join(", ");
}

function row(service: string, name: string, action: Action | undefined): string {
  const cells = action
    ? [
        String(callsPerSecond({}, service, name)),
        fieldsWith(action, "ignored"),
        fieldsWith(action, "refused"),
        action.inferred ?? "",
      ]
    : ["not served", "", "", ""];
  return `| ${[name, ...cells].join(" | ")} |`;
}

function section(name: string, service: Service | undefined): string {
  const served = [...(service?.actions.keys() ?? [])];
  const names = [...new Set([...served, ...(plannedActions[name] ?? [])])].sort();
  const version = service ? ` ${service.version}` : "";
  return [
    `## ${name}${version}: ${served.length} of ${names.length} actions`,
    "",
    "| action | calls/s | ignored | refused | inferred |",
    "| --- | --- | --- | --- | --- |",
    ...names.map((each) => row(name, each, service?.actions.get(each))),
  ].join("\n");
}

const targets = { service: "/", bucket: "/ of a bucket", object: "/key of a bucket" };

/** The object storage has no models: what it serves is a method and a parameter. */
function objectStorage(): string {
  const rows = [...operations]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, method, scope, parameter, refused }) => {
      const request = `${method} ${targets[scope]}${parameter === undefined ? "" : `, ?${parameter}`}`;
      return `| ${[name, request, refused ?? ""].join(" | ")} |`;
    });
  return [
    `## cos: ${operations.length} operations`,
    "",
    "Buckets as host names, both kinds of signature (COS and AWS version 4). Other sub-resources, and what is refused, answer",
    "`NotImplemented`, other methods `MethodNotAllowed`, buckets in the path `PathStyleDomainForbidden`.",
    "",
    "| operation | request | refused |",
    "| --- | --- | --- |",
    ...rows,
  ].join("\n");
}

/** Text of docs/cloud-coverage.md. */
export function coverage(): string {
  const names = [
    ...new Set([...services.map((each) => each.name), ...Object.keys(plannedActions)]),
  ];
  const sections = names.map((name) =>
    section(
      name,
      services.find((each) => each.name === name),
    ),
  );
  return `${[head, ...sections, objectStorage()].join("\n\n")}\n`.replaceAll("\n\n\n", "\n\n");
}

if (require.main === module) {
  writeFileSync(file, coverage());
}
