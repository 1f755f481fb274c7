const heading = "# Made by tencentcloud-kubernetes-ha; changes here are lost.";

/** Unit that has a host as it was prepared, whatever its image has done at boot. */
export const bootUnit = "kubernetes-ha-boot.service";

/** Services that go by what the unit mends, and that carry the API or its nodes. */
const served = ["containerd", "haproxy", "keepalived", "kubelet", "nginx"];

/**
 * Runs `boot.sh`, which prepare-host.sh places: after whoever undoes something at boot, before whoever needs it. Nobody waits for its success: what it
 * cannot do is in its log, and the host may still be of use.
 */
export function renderBootUnit(): string {
  return `${heading}
[Unit]
Description=Names, kernel settings and manifests as this host was prepared with, and no swap
After=cloud-init.service cloud-init-network.service systemd-modules-load.service systemd-sysctl.service swap.target
After=zramswap.service zram-config.service dphys-swapfile.service
Before=${served.map((name) => `${name}.service`).join(" ")}

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/lib/kubernetes-ha/boot.sh
TimeoutStartSec=120

[Install]
WantedBy=multi-user.target
`;
}

/** Settings of unattended-upgrades, which read after its own: no host reboots by itself, and so do not all of them in the same minute. */
export function renderUnattendedUpgrades(): string {
  return `// ${heading.slice(2)}
Unattended-Upgrade::Automatic-Reboot "false";
`;
}

/** Settings of needrestart: a new library restarts none of these, as it would on all hosts at once. */
export function renderNeedrestart(): string {
  return `${heading}
$nrconf{override_rc}{qr(^(${[...served, "chrony", "kubernetes-ha-.*"].join("|")})\\.service$)} = 0;
1;
`;
}
