import { type ChangeRule } from "../check/rule";
import { changeRules } from "../check/rules";
import { typesOf } from "../facts/types";
import { rules } from "../rules";
import { type Area, areas, type Parameter, type Rule } from "../rules/rule";

const titles: Record<Area, string> = {
  quorum: "Quorum",
  placement: "Placement",
  entry: "API entry",
  registry: "Registry",
  network: "Network",
  data: "Data",
  cluster: "Cluster",
};

const introduction = `# Policies

<!-- Generated from the rules by \`npx tsx policy/docs/main.ts\`; a test tells when it is out of date. -->

The pack judges a stack by what it is about to be: its resources, what their inputs were made from, what our components register, and the tags
\`kubernetes-ha/cluster\` and \`kubernetes-ha/role\`. It needs none of our components: instances, groups, disks, balancers and buckets are judged in any stack.

- **Levels and parameters** are those below unless a file given by \`--policy-pack-config\` says otherwise. They are what production needs;
  for less, say so by rule: \`{ "entry-redundant": "advisory", "quorum-survives-one-host": { "physicalHosts": 2 } }\`. Levels are \`mandatory\`, \`advisory\` and \`disabled\`.
- **Values that are known only after the update** are followed to the resource they will come from. A mandatory rule that still cannot decide denies the
  change and says what it would have to know ("cannot decide: …"): write that value down in the program.
- **SDKs**: resources are known by the types of the SDK that Pulumi generates from the Terraform provider (\`${typesOf("instance")[0] ?? ""}\`) and by those of the
  vendor's own package, \`@tencentcloud_iac/pulumi\` (\`${typesOf("instance")[1] ?? ""}\`), old names included.
- **Where rules act**: one that looks at a resource by itself denies it before it is made, at \`pulumi up\` too. The others look at the whole stack, at the end of
  a preview: preview first, or use the plan check (\`npm run check\`), which runs all of them and those on changes.
`;

/** The page on all rules, in Markdown. */
export function renderPolicies(): string {
  return [
    introduction,
    ...areas.flatMap((area) => [
      `## ${titles[area]}\n`,
      ...rules.filter(({ id }) => id.startsWith(`${area}-`)).map(renderRule),
    ]),
    "## Changes\n",
    "Judged by the plan check only, as CrossGuard shows new states only: no old values, no deletions, no order. All of them deny.\n",
    ...changeRules.map(renderChangeRule),
  ].join("\n");
}

function renderRule(rule: Rule): string {
  const parameters: [string, Parameter][] = Object.entries(rule.parameters ?? {});
  return [
    `### ${rule.id}\n`,
    `${rule.description}\n`,
    `- **Level**: ${rule.level}, looks at ${rule.scope === "stack" ? "the whole stack" : "each resource"}`,
    ...reasons(rule),
    ...parameters.map(
      ([name, { description, default: value }]) =>
        `- **Parameter** \`${name}\`, default \`${JSON.stringify(value)}\`: ${description}`,
    ),
    "",
  ].join("\n");
}

function renderChangeRule(rule: ChangeRule): string {
  return [`### ${rule.id}\n`, `${rule.description}\n`, ...reasons(rule), ""].join("\n");
}

function reasons({ why, source, fix }: Pick<Rule, "why" | "source" | "fix">): string[] {
  return [`- **Why**: ${ended(why)}`, `- **Source**: ${source}`, `- **Fix**: ${ended(fix)}`];
}

function ended(text: string): string {
  return text.endsWith(".") ? text : `${text}.`;
}
