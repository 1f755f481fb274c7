import { kubeReservedCgroup } from "../plan/reservation";
import { paths } from "./paths";

const heading = "# Made by tencentcloud-kubernetes-ha; changes here are lost.";

/** Name of the slice kubelet and containerd run in, so that their reservation can be enforced. */
export const runtimeSlice = kubeReservedCgroup.slice(1);

/** Unit that mounts a data disk at every boot. */
export const dataDiskUnit = "kubernetes-ha-data-disk.service";

/** The slice itself. */
export function renderRuntimeSlice(): string {
  return `${heading}
[Unit]
Description=Kubelet and container runtime
Before=slices.target

[Slice]
CPUAccounting=yes
MemoryAccounting=yes
TasksAccounting=yes
IOAccounting=yes
`;
}

/**
 * containerd's unit; Debian's package of it is too old, so none comes with the binaries.
 * @param environment of containerd, which pulls all images, `ctr`'s included. @default none
 * @param mountPoint of the data disk that holds its directory. @default that is on the system disk
 */
export function renderContainerdUnit(
  environment: Readonly<Record<string, string>> = {},
  mountPoint?: string,
): string {
  const { dependencies, check } = mounted(mountPoint);
  const lines = Object.entries(environment).map(
    ([name, value]) => `Environment="${name}=${value}"\n`,
  );
  return `${heading}
[Unit]
Description=containerd
Documentation=https://containerd.io
After=network.target local-fs.target
${dependencies}
[Service]
${lines.join("")}${check}ExecStart=/usr/local/bin/containerd --config ${paths.containerdConfig}
Type=notify
Slice=${runtimeSlice}
# Containers outlive a restart of containerd.
KillMode=process
Delegate=yes
Restart=always
RestartSec=5
LimitNPROC=infinity
LimitCORE=infinity
LimitNOFILE=1048576
TasksMax=infinity
OOMScoreAdjust=-999

[Install]
WantedBy=multi-user.target
`;
}

/**
 * The kubelet's unit of a node; kubeadm writes the files it reads, and until then it waits.
 * @param mountPoint of the node's data disk: a master's that holds a member of etcd, or a worker's. @default it has none
 */
export function renderKubeletUnit(mountPoint?: string): string {
  return kubeletUnit(
    `Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"
Environment="KUBELET_CONFIG_ARGS=--config=${paths.kubeletConfig}"
# Written by kubeadm: labels, taints, a master's address.
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
# A worker's address.
EnvironmentFile=-${paths.kubeletDefaults}
ExecStart=/usr/local/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS`,
    mountPoint,
  );
}

/** The kubelet's unit of an etcd host: no cluster, static pods only. */
export function renderStandaloneKubeletUnit(
  hostName: string,
  mountPoint: string | undefined,
): string {
  return kubeletUnit(
    `ExecStart=/usr/local/bin/kubelet --config=${paths.kubeletConfig} --hostname-override=${hostName}`,
    mountPoint,
  );
}

/**
 * What keeps a service from starting before the data disk is mounted: etcd would come up empty on the system disk, and containerd and pods would fill
 * that. It keeps trying, so a disk that is late is waited for.
 */
function mounted(mountPoint: string | undefined): { dependencies: string; check: string } {
  if (mountPoint === undefined) return { dependencies: "", check: "" };
  return {
    dependencies: `Wants=${dataDiskUnit}\nAfter=${dataDiskUnit}\n`,
    check: `ExecStartPre=/usr/bin/mountpoint -q ${mountPoint}\n`,
  };
}

/** A kubelet's unit. */
function kubeletUnit(command: string, mountPoint: string | undefined): string {
  const { dependencies, check } = mounted(mountPoint);
  return `${heading}
[Unit]
Description=kubelet
Documentation=https://kubernetes.io/docs/
Wants=network-online.target containerd.service
After=network-online.target containerd.service
${dependencies}# It is started again for ever: a host must come back by itself.
StartLimitIntervalSec=0

[Service]
${check}${command}
Slice=${runtimeSlice}
CPUAccounting=yes
MemoryAccounting=yes
Restart=always
RestartSec=5
OOMScoreAdjust=-999

[Install]
WantedBy=multi-user.target
`;
}

/**
 * Mounts a data disk, by `data-disk.sh`, which prepare-host.sh places. A unit of its own instead of a line in /etc/fstab: that one waits for udev to report
 * the device, which not every kind of host runs, and a host whose disk is late, or cannot be mended, would boot into the rescue shell.
 * @param diskId such as disk-abcd1234. It has a file system already: this unit never makes one, so that no boot can erase data.
 */
export function renderDataDiskUnit(diskId: string, mountPoint: string): string {
  return `${heading}
[Unit]
Description=Data disk at ${mountPoint}
DefaultDependencies=no
After=local-fs-pre.target systemd-remount-fs.service
Before=local-fs.target containerd.service kubelet.service

[Service]
Type=oneshot
RemainAfterExit=yes
# A disk that is waited for, and then mended.
TimeoutStartSec=900
Restart=on-failure
RestartSec=5
ExecStart=/usr/local/lib/kubernetes-ha/data-disk.sh mount ${diskId} ${mountPoint}

[Install]
WantedBy=multi-user.target
`;
}

/**
 * Drop-in of keepalived: started again for ever, and at boot after what it needs. Not at once: what it held when it was killed stays on the interface and
 * works on, until it starts again and takes it off. By then a peer has it, which takes 1.8 s (three of its announcements and a bit); sooner,
 * nobody would.
 *
 * @param after Unit without which the first check of a boot fails for nothing. @default HAProxy's
 */
export function renderKeepalivedDropIn(after = "haproxy.service"): string {
  return `${heading}
[Unit]
Wants=${after}
After=${after}
StartLimitIntervalSec=0

[Service]
Restart=always
RestartSec=3
`;
}

/** Drop-in of HAProxy: started again at once, for ever. */
export function renderHaproxyDropIn(): string {
  return `${heading}
[Unit]
StartLimitIntervalSec=0

[Service]
Restart=always
RestartSec=100ms
LimitNOFILE=65536
`;
}

/** Unit that gives a host its silent addresses at every boot. */
export const silentAddressesUnit = "kubernetes-ha-silent-addresses.service";

/** Addresses on the loopback, with which no ARP is answered: the kernel's settings for that are in place before. */
export function renderSilentAddresses(addresses: readonly string[]): string {
  const lines = (key: string, act: string) =>
    addresses.map((address) => `${key}=/sbin/ip address ${act} ${address}/32 dev lo`);
  return `${heading}
[Unit]
Description=Addresses that others forward to this host by its MAC
After=systemd-sysctl.service

[Service]
Type=oneshot
RemainAfterExit=yes
${lines("ExecStart", "replace").join("\n")}
${lines("ExecStop", "delete").join("\n")}

[Install]
WantedBy=multi-user.target
`;
}

/** Unit that has a director translate what it forwards, from boot on. */
export const masqueradeUnit = "kubernetes-ha-masquerade.service";

/** The chain of the table nat that it fills. */
export const masqueradeChain = "KUBERNETES-HA";

/** Loads the rules that {@link paths.masquerade} holds, in the place of those it has loaded before. */
export function renderMasqueradeUnit(): string {
  return `${heading}
[Unit]
Description=Translation of what LVS forwards
Before=keepalived.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/iptables-restore --noflush ${paths.masquerade}
ExecStart=/bin/sh -c 'jump="POSTROUTING -j ${masqueradeChain}"; iptables -t nat -C $$jump 2>/dev/null || iptables -t nat -A $$jump'

[Install]
WantedBy=multi-user.target
`;
}

/**
 * Drop-in of the proxy that a node reaches the API through: it is as dear as the kubelet, which is cut off without it, so it runs in the same slice,
 * is killed last, and is started again at once, for ever.
 * @param service more lines of its section Service
 */
export function renderNodeProxyDropIn(service: readonly string[] = []): string {
  return `${heading}
[Unit]
StartLimitIntervalSec=0

[Service]
Slice=${runtimeSlice}
Restart=always
RestartSec=100ms
LimitNOFILE=65536
OOMScoreAdjust=-999
${service.map((line) => `${line}\n`).join("")}`;
}
