import type { Practised } from "../practise";
import type { Check } from "../exercises";
import { escape, plot } from "./plot";

const style = `
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1040px; margin: 2em auto; padding: 0 1em; color: #1d2733; }
h1 { font-size: 1.5em; } h2 { font-size: 1.2em; margin-top: 2.5em; border-top: 1px solid #d5dbe1; padding-top: 1em; }
table { border-collapse: collapse; width: 100%; margin: 1em 0; }
th, td { text-align: left; padding: .3em .8em .3em 0; border-bottom: 1px solid #e6eaee; vertical-align: top; }
.passed { color: #17713a; } .failed, .broken { color: #b3261e; } .unclear { color: #8a4b00; } .out { color: #66707a; } .outcome { font-weight: 600; }
svg { width: 100%; height: auto; background: #fafbfc; border: 1px solid #e6eaee; }
.grid { stroke: #dfe4e9; } .scale { font-size: 11px; fill: #66707a; }
circle.write { fill: #1f5fbf; } circle.connection { fill: #b9c4cf; } circle.failed { fill: #d93025; }
line.event { stroke: #8a4b00; stroke-dasharray: 4 3; } text.event { font-size: 12px; fill: #8a4b00; }
.legend span { margin-right: 1.5em; } .legend b { font-size: 1.4em; line-height: 0; vertical-align: -0.1em; }
`;

/** What drills are of. */
export interface ReportHead {
  /** `the lab kha123456, entry vip, etcd external` */
  cluster: string;
  at: Date;
}

/** Drills as a page that needs nothing beside itself. Pure. */
export function renderHtml({ cluster, at }: ReportHead, practised: readonly Practised[]): string {
  const title = `Drills of ${at.toISOString().slice(0, 16).replace("T", " ")} UTC`;
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${title}</title><style>${style}</style></head>
<body>
<h1>${title}</h1>
<p>On ${escape(cluster)}. New connections and writes of clients on hosts and in pods, while parts of the cluster were lost. In the plots each dot is a request of a client on a worker: when it began, and how long it took.</p>
<p class="legend"><span><b style="color:#1f5fbf">●</b> write</span><span><b style="color:#b9c4cf">●</b> new connection</span><span><b style="color:#d93025">●</b> failed</span></p>
${table(
  ["drill", "what was done", "outcome"],
  practised.map((each) => [
    `<a href="#${each.exercise.name}">${each.exercise.name}</a>`,
    escape("tried" in each ? each.tried.does : each.exercise.about),
    outcome(each),
  ]),
)}
${practised.map(section).join("\n")}
</body>
</html>
`;
}

function section(practised: Practised): string {
  const { name, about, expected } = practised.exercise;
  return `<h2 id="${name}">${name} ${outcome(practised)}</h2>
<p>${escape(sentence(about))} Expected: ${escape(sentence(expected, false))} Begun at ${practised.at.toISOString().slice(11, 19)} UTC.</p>
${body(practised)}`;
}

function body(practised: Practised): string {
  if (practised.outcome === "left out") return "<p>This cluster has no such part.</p>";
  if (practised.outcome === "broken")
    return `<p>It could not be tried to its end: ${escape(practised.why)}</p>`;
  const { tried } = practised;
  return `<p>Done: ${escape(tried.does)}.</p>
${tried.writes.length + tried.connections.length > 0 ? plot(tried) : ""}
${table(["", "expected", "measured", ""], tried.checks.map(row))}`;
}

const row = ({ what, expected, measured, passed, unclear }: Check): string[] => [
  escape(what),
  escape(expected),
  escape(measured),
  passed
    ? '<span class="passed">pass</span>'
    : unclear
      ? '<span class="unclear">unclear</span>'
      : '<span class="failed">FAIL</span>',
];

function outcome({ outcome: is }: Practised): string {
  return `<span class="outcome ${is === "left out" ? "out" : is}">${is}</span>`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[], tag: string): string =>
    `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join("")}</tr>`;
  return `<table>${line(head, "th")}\n${rows.map((cells) => line(cells, "td")).join("\n")}</table>`;
}

function sentence(text: string, capital = true): string {
  return `${capital ? text.charAt(0).toUpperCase() : text.charAt(0)}${text.slice(1)}.`;
}
