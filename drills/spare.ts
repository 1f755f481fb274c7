import type { HostPlan } from "../components/plan/cluster";
import { paths } from "../components/render/paths";
import { allWell, type Cast, type Site } from "./site";

/** Masters whose apiservers serve, and what brings the others back. */
export interface Spare {
  serving: HostPlan[];
  back(): Promise<void>;
}

/**
 * Stops apiservers in good order until so many are left: the one that is to be struck, then the one where clients are.
 *
 * @param masters How many. @default all of them
 */
export async function apiserversOnly(site: Site, cast: Cast, masters?: number): Promise<Spare> {
  const all = site.plan.masters;
  if (masters === undefined) return { serving: all, back: () => Promise.resolve() };
  const order = [
    cast.struck,
    cast.master,
    ...all.filter((each) => ![cast.struck, cast.master].includes(each)),
  ];
  const [serving, rest] = [order.slice(0, masters), order.slice(masters)];
  const manifest = `${paths.manifests}/kube-apiserver.yaml`;
  const away = "/var/lib/drill/kube-apiserver.yaml";
  const onRest = (script: string): Promise<unknown> =>
    Promise.all(rest.map(({ name }) => site.cluster.onHost(name, script)));
  await onRest(
    `set -euo pipefail; mkdir -p ${away.replace(/\/[^/]*$/, "")}; mv ${manifest} ${away}; while pgrep -x kube-apiserver >/dev/null; do sleep 0.5; done`,
  );
  await allWell(site, serving);
  return {
    serving,
    async back() {
      await onRest(`[[ ! -e ${away} ]] || mv ${away} ${manifest}`);
      await allWell(site);
    },
  };
}
