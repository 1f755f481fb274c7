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

/** containerd's unit; Debian's package of it is too old, so none comes with the binaries. */
export function renderContainerdUnit(): string {
  return `${heading}
[Unit]
Description=containerd
Documentation=https://containerd.io
After=network.target local-fs.target

[Service]
ExecStart=/usr/local/bin/containerd --config ${paths.containerdConfig}
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
 * @param mountPoint of a master's data disk, when it holds a member of etcd.
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
export function renderStandaloneKubeletUnit(hostName: string, mountPoint: string): string {
  return kubeletUnit(
    `ExecStart=/usr/local/bin/kubelet --config=${paths.kubeletConfig} --hostname-override=${hostName}`,
    mountPoint,
  );
}

/**
 * A kubelet's unit. Where etcd's data disk is, it does not start before that is mounted, or etcd would come up empty on the system
 * disk; it keeps trying, so a disk that is late is waited for.
 */
function kubeletUnit(command: string, mountPoint: string | undefined): string {
  const dependencies =
    mountPoint === undefined ? "" : `Wants=${dataDiskUnit}\nAfter=${dataDiskUnit}\n`;
  const check =
    mountPoint === undefined ? "" : `ExecStartPre=/usr/bin/mountpoint -q ${mountPoint}\n`;
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
 * Mounts a data disk. A unit of its own instead of a line in /etc/fstab: that one waits for udev to report the device, which
 * not every kind of host runs, and a host whose disk is late would boot into the rescue shell.
 * @param disk path of the disk, such as /dev/disk/by-id/virtio-disk-abcd1234. It has a file system already: this unit
 * never makes one, so that no boot can erase data.
 */
export function renderDataDiskUnit(disk: string, mountPoint: string): string {
  return `${heading}
[Unit]
Description=Data disk at ${mountPoint}
DefaultDependencies=no
After=local-fs-pre.target systemd-remount-fs.service
Before=local-fs.target containerd.service kubelet.service

[Service]
Type=oneshot
RemainAfterExit=yes
TimeoutStartSec=120
Restart=on-failure
RestartSec=5
ExecStart=/bin/sh -ec 'until [ -b ${disk} ]; do sleep 1; done; mkdir -p ${mountPoint}; mountpoint -q ${mountPoint} || mount -o noatime ${disk} ${mountPoint}'

[Install]
WantedBy=multi-user.target
`;
}

/** Drop-in that starts keepalived after HAProxy, so that the first check of a boot does not fail for nothing. */
export function renderKeepalivedDropIn(): string {
  return `${heading}
[Unit]
Wants=haproxy.service
After=haproxy.service

[Service]
Restart=always
RestartSec=1
`;
}

/** Drop-in of HAProxy: started again at once, for ever. */
export function renderHaproxyDropIn(): string {
  return `${heading}
[Unit]
StartLimitIntervalSec=0

[Service]
Restart=always
RestartSec=1
LimitNOFILE=65536
`;
}
