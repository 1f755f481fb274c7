import type { PhysicalHost } from "./physical";
import { without, type InstanceRecord } from "./records";
import type { Store } from "./store";

/** Names of the physical hosts without power. */
export function deadHosts(store: Store): Set<string> {
  return new Set(store.tables.deadHosts.list().map((each) => each.id));
}

/** Power goes: everything on the host is off at once. */
export function killHost(store: Store, host: PhysicalHost): void {
  store.tables.deadHosts.put({
    id: host.name,
    seq: store.next(),
    createdAt: new Date().toISOString(),
  });
}

/** Power returns: the host and whatever was killed or frozen on it run again. */
export function startHost(store: Store, host: PhysicalHost): void {
  store.tables.deadHosts.remove(host.name);
  for (const instance of instancesOn(store, host)) {
    setOverlay(store, instance.id, undefined);
  }
}

/** Instances that stand on a physical host. */
export function instancesOn(store: Store, host: PhysicalHost): InstanceRecord[] {
  return store.tables.instances.list().filter((each) => each.physicalHost === host.name);
}

/** Lays a fault over an instance's power, or takes it away. */
export function setOverlay(store: Store, id: string, overlay: InstanceRecord["overlay"]): void {
  const instance = store.tables.instances.get(id);
  if (instance) {
    const rest = without(instance, "overlay");
    store.tables.instances.put({ ...rest, ...(overlay !== undefined && { overlay }) });
  }
}

/** Cuts an instance from its network, or joins it again. */
export function setLink(store: Store, id: string, cut: boolean): void {
  const instance = store.tables.instances.get(id);
  if (instance) {
    const rest = without(instance, "linkCut");
    store.tables.instances.put({ ...rest, ...(cut && { linkCut: true as const }) });
  }
}
