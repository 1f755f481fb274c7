import { type Flow } from "../model";
import { ports } from "../ports";

const shared = { name: "etcd", protocol: "TCP", to: ["etcd"] } as const;

/** Who talks to members on hosts of their own. */
export const externalFlows: readonly Flow[] = [
  {
    ...shared,
    why: "etcd clients",
    port: ports.etcdClient,
    from: ["controlPlane", "etcd"],
    guarded: { what: "etcd's clients' port" },
    awaited: ["controlPlane", "etcd"],
  },
  {
    ...shared,
    why: "etcd peers",
    port: ports.etcdPeer,
    from: ["etcd"],
    guarded: { what: "etcd's peers' port" },
    awaited: ["etcd"],
  },
];
