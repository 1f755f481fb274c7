import type { Kind } from "../../drills/onLab";

/** Every way to the API and every topology, each at least once; not all products of them. */
export const kinds: readonly Kind[] = [
  { entry: "vip", topology: "external" },
  { entry: "clb", topology: "external", zones: 3 },
  { entry: "node-nginx", topology: "stacked" },
  { entry: "node-haproxy", topology: "external" },
  { entry: "node-ipvs", topology: "external" },
  { entry: "vip-on-masters", topology: "stacked" },
  { entry: "lvs-nat", topology: "external" },
  { entry: "lvs-dr", topology: "external" },
  { entry: "lvs-dr-haproxy", topology: "external" },
  { entry: "vip", topology: "stacked" },
  { entry: "clb", topology: "stacked" },
];

/** As `--only` names it. */
export const nameOf = ({ entry, topology }: Kind): string => `${entry}/${topology}`;
