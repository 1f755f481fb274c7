import { renewalSlotSeconds } from "../plan/certificates";
import { type ClusterPlan, type HostPlan } from "../plan/cluster";
import { type NeededFile } from "../plan/needs";
import { ports } from "../plan/ports";
import { secondsOf } from "../plan/schema/times";
import { kubeadmApi } from "./kubeadm";
import { paths } from "./paths";
import { toYaml } from "./yaml";

/** Duties whose certificates a host renews by itself, by the name of the step that makes them. */
export type RenewedDuty = "etcd" | "control-plane";

const heading = "# Made by tencentcloud-kubernetes-ha; changes here are lost.";
const directory = "/usr/local/lib/kubernetes-ha";

const unitOf = (duty: RenewedDuty) => `kubernetes-ha-certificates-${duty}`;

/** What a host renews the certificates of one duty with, beside the script: who takes turns with it, and the timer. */
export function renewalFiles(plan: ClusterPlan, host: HostPlan, duty: RenewedDuty): NeededFile[] {
  const etcd = duty === "etcd";
  const members = etcd ? plan.etcd : plan.masters;
  const validity = plan.config.pki.certificateValidity;
  const slotSeconds = renewalSlotSeconds(members.length, validity);
  const settings = {
    VALIDITY_SECONDS: secondsOf(validity),
    SLOT_SECONDS: slotSeconds,
    ADDRESS: host.address,
    PORT: etcd ? ports.etcdClient : plan.apiserverPort,
    MEMBERS: `(${members.map(({ address }) => address).join(" ")})`,
    KUBEADM_CONFIG: etcd ? paths.etcdKubeadmConfig : paths.kubeadmConfig,
  };
  const conf = `/etc/kubernetes-ha/certificates/${duty}.conf`;
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  const unit = `/etc/systemd/system/${unitOf(duty)}`;
  return [
    { path: conf, content: `${[heading, ...lines].join("\n")}\n` },
    { path: `${unit}.service`, content: renderService(duty, conf, slotSeconds) },
    { path: `${unit}.timer`, content: renderTimer(duty, slotSeconds) },
    ...(etcd ? [] : [{ path: paths.etcdClientConfig, content: renderEtcdClient(plan) }]),
  ];
}

function renderService(duty: RenewedDuty, conf: string, slotSeconds: number): string {
  return `${heading}
[Unit]
Description=Renewal of certificates, ${duty}

[Service]
Type=oneshot
Environment=PARAMS=${conf}
ExecStart=/bin/bash ${directory}/renew-certificates.sh renew ${duty}
TimeoutStartSec=${slotSeconds}
`;
}

/** Often enough to meet the first half of a slot. */
function renderTimer(duty: RenewedDuty, slotSeconds: number): string {
  return `${heading}
[Unit]
Description=Renewal of certificates, ${duty}

[Timer]
OnBootSec=30
OnActiveSec=30
OnUnitInactiveSec=${Math.max(5, Math.floor(slotSeconds / 5))}
AccuracySec=1

[Install]
WantedBy=timers.target
`;
}

/** What kubeadm issues the apiserver's client certificate for etcd from: another authority, and nothing else of a cluster. */
function renderEtcdClient({ config }: ClusterPlan): string {
  return toYaml(
    {
      apiVersion: kubeadmApi,
      kind: "InitConfiguration",
      nodeRegistration: { criSocket: paths.criSocket },
    },
    {
      apiVersion: kubeadmApi,
      kind: "ClusterConfiguration",
      kubernetesVersion: config.versions.kubernetes,
      certificatesDir: paths.etcdClients,
      certificateValidityPeriod: config.pki.certificateValidity,
      encryptionAlgorithm: "ECDSA-P256",
    },
  );
}
