/** Grafana's model of a dashboard, of version 10 and later, made of what there is to say of one. */

/** What a panel asks for, and how each answer is called: text with labels, `{{instance}}`. */
export type Query = readonly [expr: string, legend: string];

export interface Panel {
  title: string;
  /** `stat`: the latest value, large. @default timeseries */
  kind?: "stat" | "timeseries";
  /** Grafana's name of a unit. @default none */
  unit?: "s" | "bytes" | "percentunit" | "reqps" | "Bps";
  /** Values from which it is yellow, and red; with the smaller one last, lower is worse. @default it has one colour */
  limits?: readonly [yellow: number, red: number];
  queries: readonly Query[];
}

export interface Dashboard {
  uid: string;
  title: string;
  panels: readonly Panel[];
}

const datasource = { type: "prometheus", uid: "${datasource}" };

/** The model of a dashboard. */
export function grafanaDashboard({ uid, title, panels }: Dashboard): object {
  const variable = (name: string, type: string, query: string) => ({
    ...{ name, type, query, label: name, hide: 0, refresh: 1 },
    ...(type === "query" && { datasource, sort: 1 }),
  });
  return {
    ...{ uid, title, tags: ["kubernetes-ha"], timezone: "browser", schemaVersion: 39, version: 1 },
    ...{ editable: true, refresh: "30s", time: { from: "now-1h", to: "now" } },
    templating: {
      list: [
        variable("datasource", "datasource", "prometheus"),
        variable("cluster", "query", "label_values(up, cluster)"),
      ],
    },
    panels: placed(panels).map(([panel, gridPos], id) => grafanaPanel(panel, id + 1, gridPos)),
  };
}

interface GridPos {
  x: number;
  y: number;
  w: number;
  h: number;
}

/** Single values four in a row, lines of time two in a row; Grafana's grid is 24 wide. */
function placed(panels: readonly Panel[]): (readonly [Panel, GridPos])[] {
  let [x, y, row] = [0, 0, 0];
  return panels.map((panel) => {
    const [w, h] = panel.kind === "stat" ? [6, 4] : [12, 8];
    if (x + w > 24 || (x > 0 && h !== row)) [x, y] = [0, y + row];
    row = h;
    const at = { x, y, w, h };
    x += w;
    return [panel, at] as const;
  });
}

function grafanaPanel(
  { title, kind = "timeseries", unit, limits, queries }: Panel,
  id: number,
  gridPos: GridPos,
): object {
  return {
    ...{ id, title, type: kind, gridPos, datasource },
    targets: queries.map(([expr, legendFormat], at) => ({
      refId: String.fromCharCode(65 + at),
      ...{ expr, legendFormat, datasource },
    })),
    fieldConfig: {
      defaults: {
        ...(unit !== undefined && { unit }),
        ...(limits !== undefined && { thresholds: thresholdsOf(limits) }),
      },
      overrides: [],
    },
    ...(kind === "stat" && { options: { reduceOptions: { calcs: ["lastNotNull"] } } }),
  };
}

function thresholdsOf([yellow, red]: readonly [number, number]): object {
  const step = (color: string, value: number | null) => ({ color, value });
  const steps =
    red > yellow
      ? [step("green", null), step("yellow", yellow), step("red", red)]
      : [step("red", null), step("yellow", red), step("green", yellow)];
  return { mode: "absolute", steps };
}
