import { type SettingChange, settingChanges } from "../../components/plan/changes";

const words: Readonly<Record<SettingChange["effect"], string>> = {
  applied: "applied",
  "new hosts": "new hosts only",
  replaced: "**hosts are replaced**",
  refused: "**refused**",
};

/** The page on what a change of a setting does, in Markdown. */
export function renderChanges(): string {
  const rows = Object.entries(settingChanges).map(
    ([setting, { effect, how }]) => [`\`${setting}\``, words[effect], how] as const,
  );
  const width = (column: 0 | 1 | 2) =>
    Math.max(
      ...rows.map((row) => row[column].length),
      ["setting", "a change is", "how, or why not"][column]?.length ?? 0,
    );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(width(column as 0 | 1 | 2))).join(" | ")} |`;
  return `# Changing the configuration of a living cluster

<!-- Generated from components/plan/changes.ts by \`npx tsx operations/configurationDocs.ts\`; a test tells when it is out of date. -->

What the settings are: [settings.md](settings.md).

- **applied**: living hosts and resources take it up in the same \`up\`.
- **new hosts only**: those that live stay as they are.
- **hosts are replaced**: machines that hold no data are made anew, all of a pool at once; \`npm run check\` names them.
- **refused**: \`pulumi up\` ends in its preview, before anything is touched, and names the setting (\`<cluster>-fixed-<setting>\`) or the resource that is protected.

${[line(["setting", "a change is", "how, or why not"]), line([0, 1, 2].map((column) => "-".repeat(width(column as 0 | 1 | 2)))), ...rows.map(line)].join("\n")}
`;
}
