import type { ClusterPlan } from "./cluster";
import { entryKinds } from "./entry";

/** What becomes of a living cluster when a setting of it is changed. */
export interface SettingChange {
  /**
   * `applied`: living hosts and resources take it up. `new hosts`: those that live stay as they are. `replaced`: hosts are made anew.
   * `refused`: the change does not come about.
   */
  effect: "applied" | "new hosts" | "replaced" | "refused";
  /**
   * What refuses it, in a preview. `fixed`: a resource that stands for the setting and is protected. `pool`: one that stands for the pool's, and may go
   * with the pool. `reached`: one that stands for what the registry was brought to, and goes with it. `protect`: the protected resources that it would
   * replace or remove.
   */
  by?: "fixed" | "pool" | "reached" | "protect";
  /** How it is taken up, or why not. */
  how: string;
}

const applied = (how: string): SettingChange => ({ effect: "applied", how });
const newHosts = (how: string): SettingChange => ({ effect: "new hosts", how });
const replaced = (how: string): SettingChange => ({ effect: "replaced", how });
const fixed = (how: string): SettingChange => ({ effect: "refused", by: "fixed", how });
const ofPool = (why: string): SettingChange => ({
  ...{ effect: "refused", by: "pool" },
  how: `${why}; [make another pool](runbooks/scale.md#another-pool-in-the-place-of-one)`,
});
const kept = (how: string): SettingChange => ({ effect: "refused", by: "protect", how });

const resized = (who: string) =>
  applied(
    `the machine is stopped and started; more than one of the ${who} at once is refused in the preview: [one after another](runbooks/resize-hosts.md)`,
  );
const disk = (role: string): Record<string, SettingChange> => ({
  [`${role}.systemDisk.sizeGiB`]: applied("the disk grows in place; smaller is refused by the API"),
});
const grows = applied(
  "the disk grows in place, and its file system with it; smaller is refused by the API",
);
const nodeSetting = applied(
  "a worker's kubelet restarts with it and goes back to the old one if it does not come up; masters take it up one after another",
);
const onNodes = applied(
  "a master gives them to the nodes that are there, and takes away what it gave before",
);
const flags = (what: string) =>
  applied(
    `${what}; a flag, or a value, that one does not come up with ends the change there, and what ran before comes back`,
  );
const masterComponents = ["apiServer", "controllerManager", "scheduler"] as const;
const masterPod = applied(
  "masters restart it one after another; one that does not come up with it ends the change there, and what ran before comes back",
);
const masterFlags = flags("masters restart it one after another");
const login = applied("apiservers restart one after another; tokens of before are judged anew");
const prepared = (what: string) => applied(`${what} on every host that has it, by its step`);

const downloads = applied(
  "each host's next download goes by it; its containerd restarts, containers go on",
);

const rotated = applied(
  "masters take up the phase one after another; a phase that is skipped is refused in the preview ([runbook](runbooks/certificates.md#replace-a-key))",
);
const rotatedEtcd = applied(
  "members and masters take up the phase one after another; a phase that is skipped is refused in the preview ([runbook](runbooks/certificates.md#replace-a-key))",
);
const rotatedKubernetes = applied(
  "all hosts take up the phase, masters one after another; kubelets, controller-managers and schedulers restart, containers go on; a phase that is skipped or comes too early is refused in the preview ([runbook](runbooks/certificates.md#replace-a-key))",
);
const rotatedOperator = applied(
  "all hosts take up the phase at once, and nothing restarts; a phase that is skipped is refused in the preview ([runbook](runbooks/certificates.md#replace-a-key))",
);
const inTurn = applied("hosts of the registry restart its programs one after another");
/** Of the section as a whole: a test asks for it with each of its settings. */
const watched = (what: string) =>
  applied(
    `${what}; with the section node_exporter comes to every host, or goes, HAProxy reloads, and members of etcd change one after another`,
  );
const pulled = applied("nodes find its images at the new name; HAProxy reloads");

/** What a change of each setting does. A test holds it complete and true; docs/configuration.md is made of it. */
export const settingChanges: Readonly<Record<string, SettingChange>> = {
  name: kept("every resource is known by it"),
  "versions.kubernetes": applied(
    "apiservers one after another, then the rest of each master, then workers ([runbook](runbooks/upgrade.md)); two minors up, or one down, are refused",
  ),
  "versions.etcd": applied("members change one after another, each healthy before the next"),
  "versions.containerd": prepared("containerd restarts; containers go on"),
  "versions.flannel": applied("its pods are replaced a tenth at a time; the routes stay meanwhile"),
  "versions.coredns": applied("its two pods are replaced one after the other"),
  "versions.kubeNetworkPolicies": applied(
    "its pods are replaced a tenth at a time; new connections of pods that a policy selects wait for that of their node meanwhile",
  ),
  "versions.pause": prepared("containerd restarts and makes new pods with it"),
  "versions.distribution": inTurn,
  "versions.harbor": applied(
    "hosts of the registry take it one after another, the first migrates the database; down, or up by more than two minors, is refused ([how](registry.md#hosts-come-and-go))",
  ),
  architecture: fixed("machines of another architecture are other machines: make a new cluster"),
  imageId: newHosts("replace hosts one by one to have it everywhere"),
  sshUser: fixed("user data makes it when a host is born, and steps log in as it"),
  networkInterface: fixed("it goes with the image that hosts were born with"),
  tags: applied("every resource is tagged in place"),
  ntpServers: prepared("chrony restarts"),
  "network.vpcCidr": kept("everything has an address of it"),
  "network.existing.vpcId": fixed("everything lives in it"),
  "network.existing.subnetIds": fixed("everything of the zone has an address of it"),
  "network.zones[].zone": kept(
    "the zone's subnet, and whoever lives in it, would go; a new zone goes last",
  ),
  "network.zones[].subnetCidr": kept("everything in it has an address of it"),
  "network.layer2": fixed("it is what the network is, not what it is to be"),
  "network.nat": applied(
    "the gateway, its address and the default route of the VPC are made, or taken away; connections that go that way end",
  ),
  "network.podCidr": fixed("every node and pod has addresses of it"),
  "network.serviceCidr": fixed("every Service has an address of it"),
  "network.clusterDomain": fixed("pods and certificates have names in it"),
  "network.apiName": fixed("every kubeconfig and certificate has it"),
  "network.podLinkLocalCidrs": prepared("the rules are loaded anew"),
  "network.nodePortCidrs": applied("the rules of the security groups change in place"),
  "podNetwork.kind": fixed("pods of two networks do not reach each other"),
  "podNetwork.networkPolicy": applied(
    "hosts are looked at anew, then masters apply the agent, or take it away and every node its rules; policies that are there take effect, or cease to",
  ),
  "bastion.instanceType": applied("the bastion is stopped and started; nobody logs in meanwhile"),
  "bastion.systemDisk.type": applied("the disk changes its type in place"),
  ...disk("bastion"),
  "bastion.allowedCidrs": applied("the rules of the security group change in place"),
  "bastion.publicAddress": fixed("every step goes by the address that it has"),
  "etcd.topology": fixed("members elsewhere would begin an etcd of their own, without the data"),
  "etcd.members": applied(
    "new members join as learners, one at a time; one that is `leaving` may be taken away",
  ),
  "etcd.instanceType": resized("members of etcd"),
  "etcd.systemDisk.type": applied("the disk changes its type in place"),
  ...disk("etcd"),
  "etcd.disk.type": fixed("some providers would make a blank disk of another type in its place"),
  "etcd.disk.encrypt": fixed("a disk is encrypted when it is made, or never"),
  "etcd.disk.sizeGiB": grows,
  "etcd.snapshots.enabled": applied("the timer of each member starts or stops; snapshots stay"),
  "etcd.snapshots.every": applied("each member's timer has the new times"),
  "etcd.snapshots.keep": applied("a member drops what is too many after its next snapshot"),
  "etcd.snapshots.keepDays": applied("a member drops what is too old after its next snapshot"),
  "etcd.snapshots.cos.bucket": applied(
    "members are given a role, by provider 1.83.25 and later; older ones give it to new hosts only. Objects stay where they are",
  ),
  "etcd.snapshots.cos.endpoint": applied("the next snapshot goes there"),
  "etcd.extraArgs": flags("members change one after another, each healthy before the next"),
  "masters.members": applied("a new master joins; one that is `leaving` may be taken away"),
  "masters.instanceType": resized("masters"),
  "masters.systemDisk.type": applied("the disk changes its type in place"),
  ...disk("masters"),
  "workers[].pool": replaced(
    "the pool goes and another comes: make the new one first, then take the old one out",
  ),
  "workers[].members": applied("workers join; those that go are drained first"),
  "workers[].instanceType": resized("workers of a pool"),
  "workers[].systemDisk.type": applied("the disk changes its type in place"),
  ...disk("workers[]"),
  "workers[].zone": replaced("all workers of the pool at once: make another pool instead"),
  "workers[].addressBlock": replaced("all workers of the pool at once: make another pool instead"),
  "workers[].labels": onNodes,
  "workers[].taints": onNodes,
  "workers[].maxUnavailable": applied("the next release goes to so many at a time"),
  "workers[].dataDisk.type": ofPool("some providers would make a blank disk in its place"),
  "workers[].dataDisk.sizeGiB": grows,
  "workers[].dataDisk.encrypt": ofPool("a disk is encrypted when it is made, or never"),
  "workers[].dataDisk.mountPath": ofPool("what is there would be hidden from those who use it"),
  "workers[].charge.kind": ofPool("the API converts some kinds into some others, once or never"),
  "workers[].charge.maxPrice": ofPool("the provider would replace all machines of the pool"),
  "workers[].charge.months": newHosts("those that are there are paid for already"),
  "workers[].charge.autoRenew": applied("the platform goes by it when the time is over"),
  "workers[].firstBootScript": newHosts("those that are there have had their first boot"),
  "workers[].imageId": newHosts("replace workers one by one to have it everywhere"),
  "workers[].architecture": ofPool("machines of another architecture are other machines"),
  "entry.kind": applied(
    "hosts go over once the new entry answers; the old one goes last ([runbook](runbooks/switch-entry.md))",
  ),
  "entry.on": fixed("the API has another port then, which is in the kubeconfig of every node"),
  "entry.balancers.members": applied("balancers come or go; two or more stay"),
  "entry.balancers.instanceType": resized("balancers"),
  "entry.balancers.systemDisk.type": applied("the disk changes its type in place"),
  ...disk("entry.balancers"),
  "entry.vip": fixed("every host resolves the API's name to it; another kind of entry has another"),
  "entry.virtualRouterId": applied("keepalived restarts; the address is away for some seconds"),
  "entry.zone": fixed("the load balancer has its address in it"),
  "entry.forwarding": applied("the API is away while directors and those behind them change"),
  "entry.directors.members": applied("directors come or go; two or more stay"),
  "entry.directors.instanceType": resized("directors"),
  "entry.directors.systemDisk.type": applied("the disk changes its type in place"),
  ...disk("entry.directors"),
  "entry.scheduler": applied("keepalived reloads; connections stay where they are"),
  "entry.proxy": applied("each node stops the old proxy and starts the new one"),
  "entry.virtualAddress": applied("each node forwards the new address; certificates have it"),
  "entry.extraFrontends": applied("HAProxy reloads, which cuts no connection"),
  "registry.kind": {
    ...{ effect: "refused", by: "reached" },
    how: "neither kind knows the other's images: take the section out, then put the other one in ([how](registry.md#hosts-come-and-go)). The section itself may come and go; images stay",
  },
  "registry.members": applied("hosts come or go, and HAProxy reloads; two or more stay"),
  "registry.instanceType": resized("hosts of the registry"),
  "registry.systemDisk.type": applied("the disk changes its type in place"),
  ...disk("registry"),
  "registry.hostname": pulled,
  "registry.port": pulled,
  "registry.pushPort": applied("HAProxy reloads, which cuts no connection"),
  "registry.allowedCidrs": applied("the rules of the security groups change in place"),
  "registry.pushCidrs": applied("the rules of the security groups change in place"),
  "registry.mirrored": prepared("containerd reads it at the next pull"),
  "registry.cos.bucket": applied(
    "hosts keep images there from then on; those of the old bucket are to be copied before. The policy of their role changes in place",
  ),
  "registry.cos.endpoint": inTurn,
  "registry.database.host": inTurn,
  "registry.database.port": inTurn,
  "registry.database.name": inTurn,
  "registry.database.username": inTurn,
  "registry.database.sslMode": inTurn,
  "registry.redis.host": inTurn,
  "registry.redis.port": inTurn,
  "registry.redis.username": inTurn,
  "registry.redis.tls": inTurn,
  "registry.trustedCertificates": inTurn,
  "monitoring.allowedCidrs": watched("the rules of the security groups change in place"),
  "monitoring.inCluster": watched("the rules of the security groups change in place"),
  generations: {
    effect: "replaced",
    how: "the hosts that it names, each with its name and address; of those that hold data or identity only who is `leaving` ([runbook](runbooks/replace-a-host.md))",
  },
  leaving: applied(
    "machine and disk of the host are protected no more; nothing is touched ([runbook](runbooks/scale.md))",
  ),
  "drain.timeoutSeconds": applied("those that leave, or are upgraded, from then on"),
  "drain.onTimeout": applied("those that leave, or are upgraded, from then on"),
  "sources.kind": applied(
    "programs that are there stay; images have other names, so the cluster's own pods are made anew: members and masters in turn. Where it is not set, `network.nat` follows",
  ),
  "sources.preset": prepared("the next program and the next image come from there"),
  "sources.releases.kubernetes": prepared("the next program is fetched from there"),
  "sources.releases.containerd": prepared("the next program is fetched from there"),
  "sources.releases.etcd": prepared("the next program is fetched from there"),
  "sources.releases.distribution": prepared("the next program is fetched from there"),
  "sources.checksums": prepared("a program with another pinned sum is fetched again"),
  "sources.baseUrl": prepared("the next program is fetched from there"),
  "sources.imageRepository": applied(
    "nodes pull from there; the cluster's own pods are made anew: members and masters in turn",
  ),
  "images.insecureRegistries": prepared("containerd reads it at the next pull"),
  "images.mirrors": prepared("containerd reads it at the next pull"),
  "packages.aptSources": prepared("the next package comes from there"),
  "host.sysctls": applied(
    "each host tells its kernel, by its step; one that is taken out stays as it is until the host boots",
  ),
  "host.encryptSystemDisks": fixed("a disk is encrypted when it is made, or never"),
  "proxy.httpProxy": downloads,
  "proxy.httpsProxy": downloads,
  "proxy.noProxy": downloads,
  "controlPlane.podEvictionSeconds": applied(
    "apiservers restart one after another; pods made later have it",
  ),
  "controlPlane.podSecurity": applied("apiservers restart one after another; pods that run stay"),
  "controlPlane.extraArgs.apiServer": masterFlags,
  "controlPlane.extraArgs.controllerManager": masterFlags,
  "controlPlane.extraArgs.scheduler": masterFlags,
  ...Object.fromEntries(
    ["name", "hostPath", "mountPath", "readOnly", "pathType"].flatMap((field) =>
      masterComponents.map((component) => [
        `controlPlane.extraVolumes.${component}[].${field}`,
        masterPod,
      ]),
    ),
  ),
  ...Object.fromEntries(
    masterComponents.map((component) => [`controlPlane.extraEnvs.${component}`, masterPod]),
  ),
  "controlPlane.extraFiles": applied(
    "apiservers restart one after another; a file that is named no more stays on masters and is read by nobody",
  ),
  "controlPlane.oidc.issuerUrl": login,
  "controlPlane.oidc.clientId": login,
  "controlPlane.oidc.usernameClaim": login,
  "controlPlane.oidc.usernamePrefix": login,
  "controlPlane.oidc.groupsClaim": login,
  "controlPlane.oidc.groupsPrefix": login,
  "controlPlane.oidc.certificateAuthority": login,
  "controlPlane.extraSans": applied(
    "masters issue their serving certificates anew, one after another; none restarts",
  ),
  "kubelet.cgroupDriver": fixed("containers that run are in groups of the other driver"),
  "kubelet.failCgroupV1": nodeSetting,
  "kubelet.failSwapOn": nodeSetting,
  "kubelet.maxPods": nodeSetting,
  "kubelet.podPidsLimit": nodeSetting,
  "kubelet.protectKernelDefaults": nodeSetting,
  "kubelet.enforceNodeAllocatable": nodeSetting,
  "kubelet.extraConfig": nodeSetting,
  "kubelet.kubeReserved.cpu": nodeSetting,
  "kubelet.kubeReserved.memory": nodeSetting,
  "kubelet.kubeReserved.ephemeralStorage": nodeSetting,
  "kubelet.systemReserved.cpu": nodeSetting,
  "kubelet.systemReserved.memory": nodeSetting,
  "kubelet.systemReserved.ephemeralStorage": nodeSetting,
  "containerd.restrictOomScoreAdj": prepared("containerd restarts; containers go on"),
  "kubeProxy.mode": fixed("rules of the old mode would stay beside those of the new one"),
  "kubeProxy.conntrackMaxPerCore": fixed(
    "kube-proxy reads it when it starts, and nothing starts it anew",
  ),
  "pki.certificateValidity": applied(
    "each host issues anew what it had issued for longer, without a restart of what serves",
  ),
  "pki.rotation.kubernetesCa.generation": rotatedKubernetes,
  "pki.rotation.kubernetesCa.phase": rotatedKubernetes,
  "pki.rotation.kubernetesCa.overlap": applied("the next preview goes by it"),
  "pki.rotation.encryptionKey.generation": rotated,
  "pki.rotation.encryptionKey.phase": rotated,
  "pki.rotation.serviceAccountKey.generation": rotated,
  "pki.rotation.serviceAccountKey.phase": rotated,
  "pki.rotation.serviceAccountKey.overlap": applied("the next preview goes by it"),
  "pki.rotation.etcdCa.generation": rotatedEtcd,
  "pki.rotation.etcdCa.phase": rotatedEtcd,
  "pki.rotation.frontProxyCa.generation": rotated,
  "pki.rotation.frontProxyCa.phase": rotated,
  "pki.rotation.operatorKey.generation": rotatedOperator,
  "pki.rotation.operatorKey.phase": rotatedOperator,
  "preflight.cloud": applied("the next preflight asks, or does not"),
  "preflight.clockSkewMs": applied("hosts are looked at anew"),
  "preflight.fdatasyncMs": applied("hosts are looked at anew; a disk with data is not measured"),
};

/** Settings whose change a protected resource of their own refuses, and what they are. */
export function fixedSettings({
  config,
  entry,
}: Pick<ClusterPlan, "config" | "entry">): [setting: string, value: string][] {
  return Object.entries(settingChanges)
    .filter(([, { by }]) => by === "fixed")
    .flatMap(([setting]): [setting: string, value: string][] => {
      const parts = inParts[setting]?.(config);
      if (parts !== undefined)
        return parts.map(([part, value]) => [`${setting}.${part}`, textOf(value)]);
      const own = ofAnyEntry[setting];
      const value = own ? own({ config, entry }) : valueOf(config, setting.split("."));
      return [[setting, textOf(value)]];
    });
}

const textOf = (value: unknown): string => (value === undefined ? "" : JSON.stringify(value));

/** Settings that are fixed part by part, so that another part may come. */
const inParts: Readonly<
  Record<string, (config: ClusterPlan["config"]) => [part: string, value: unknown][]>
> = {
  // By zone. In a VPC of the cluster's own all subnets are its own.
  "network.existing.subnetIds": ({ network: { existing, zones } }) =>
    existing === undefined ? [] : zones.map(({ zone }) => [zone, existing.subnetIds[zone]]),
};

/** Settings of worker pools whose change is refused while the pool is there: by pool, their values by setting. */
export function poolSettings({
  config,
}: Pick<ClusterPlan, "config">): [pool: string, values: Record<string, string>][] {
  const settings = Object.keys(settingChanges).filter(
    (setting) => settingChanges[setting]?.by === "pool",
  );
  return config.workers.map((pool) => {
    const whole = { ...pool, architecture: pool.architecture ?? config.architecture };
    const values = settings.map((setting) => {
      const value = valueOf(whole, setting.split(".").slice(1));
      return [setting, textOf(value)];
    });
    return [pool.pool, Object.fromEntries(values) as Record<string, string>];
  });
}

/** What stands for settings that not every kind of entry has, so that another kind with the same may take the place of this one. */
const ofAnyEntry: Readonly<
  Record<string, (plan: Pick<ClusterPlan, "config" | "entry">) => unknown>
> = {
  "entry.on": ({ entry }) => entry.port,
  "entry.vip": ({ config, entry }) => {
    const subnet = config.network.zones[0]?.subnetCidr ?? "";
    const usual = Object.fromEntries(
      Object.values(entryKinds).map((kind) => [kind.kind, kind.defaultVip?.(subnet)]),
    );
    return "vip" in entry ? { ...usual, [entry.kind]: entry.vip } : usual;
  },
  "entry.zone": ({ config: { entry, network } }) =>
    (entry.kind === "clb" ? entry.zone : undefined) ?? network.zones[0]?.zone,
};

function valueOf(value: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined || typeof value !== "object" || value === null) return value;
  return valueOf((value as Record<string, unknown>)[key], rest);
}
