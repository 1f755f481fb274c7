import { type ClusterPlan } from "../plan/cluster";
import { type EntryPlan, hasNodeProxy, type NodeLocalPlan } from "../plan/entry";
import { type HostPlan } from "../plan/model";
import { type HostNeeds } from "../plan/needs";
import { renderHaproxy } from "./haproxy";
import { type NodeProxySite, renderNginx } from "./nginx";
import { paths } from "./paths";
import { renderNodeProxyDropIn } from "./systemd";
import { renderVirtualServer, virtualServerService } from "./virtualServer";

/** A proxy as a service of the host. */
interface Proxy {
  unit: string;
  /** Its configuration, and where it is. */
  path: string;
  render: (site: NodeProxySite & { apiName: string; metricsAddress?: string }) => string;
  /** What its service needs beside. @default nothing */
  service?: (site: NodeProxySite, host: HostPlan) => string[];
  /** Where it wants the certificate of the cluster's CA. @default nowhere */
  caFile?: string;
}

const proxies: Readonly<Record<NodeLocalPlan["proxy"], Proxy>> = {
  haproxy: {
    unit: "haproxy",
    path: paths.haproxyConfig,
    render: renderHaproxy,
    caFile: paths.haproxyCa,
  },
  nginx: {
    unit: "nginx",
    path: paths.nginxConfig,
    render: renderNginx,
  },
  ipvs: {
    unit: "keepalived",
    path: paths.keepalivedConfig,
    render: renderVirtualServer,
    service: virtualServerService,
  },
};

/** The proxy of a host, as a service that needs nobody to be up. A change of the masters is taken up by a reload: no connection is cut. */
function nodeProxy(plan: NodeLocalPlan, host: HostPlan, watched: boolean): HostNeeds {
  if (!hasNodeProxy(host)) return {};
  const { unit, path, render, service, caFile } = proxies[plan.proxy];
  const { apiName, address, port, masters } = plan;
  const own = masters.find(({ name }) => name === host.name)?.name;
  const site = {
    ...{ apiName, address, port, masters, own },
    ...(watched && { metricsAddress: host.address }),
  };
  const dropIn = {
    path: `/etc/systemd/system/${unit}.service.d/10-kubernetes-ha.conf`,
    content: renderNodeProxyDropIn(service?.(site, host)),
  };
  return {
    files: [{ path, content: render(site) }, dropIn],
    ...(caFile === undefined ? {} : { caFiles: [caFile] }),
    services: [
      {
        unit,
        restartedFor: [dropIn.path],
        reloadedFor: [path, ...(caFile === undefined ? [] : [caFile])],
      },
    ],
  };
}

const textsByKind: {
  readonly [K in EntryPlan["kind"]]: (
    plan: Extract<EntryPlan, { kind: K }>,
    host: HostPlan,
    watched: boolean,
  ) => HostNeeds;
} = {
  // A balancer's files come with its step, which settles who has the VIP; a master's local endpoint's with a step of its own, too.
  vip: () => ({}),
  clb: () => ({}),
  lvs: () => ({}),
  nodeLocal: nodeProxy,
};

/** Files and services that the way to the API has on a host from the time it is prepared. */
export function renderEntryNeeds(
  { entry, monitoring }: Pick<ClusterPlan, "entry" | "monitoring">,
  host: HostPlan,
): HostNeeds {
  const texts: (plan: EntryPlan, host: HostPlan, watched: boolean) => HostNeeds = textsByKind[
    entry.kind
  ] as never;
  return texts(entry, host, monitoring !== undefined);
}
