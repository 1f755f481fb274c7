import { type ClusterPlan, type HostPlan } from "../plan/cluster";
import { snapshotTurns, type Turns, turnsOf } from "../plan/etcd";
import { etcdDataDir } from "../plan/hosts";
import { type NeededFile } from "../plan/needs";
import { paths } from "./paths";

const heading = "# Made by tencentcloud-kubernetes-ha; changes here are lost.";
const directory = "/usr/local/lib/kubernetes-ha";

/** What a host does by itself, on a timer. */
interface Routine {
  unit: string;
  description: string;
  /** Script of components/scripts, and the settings it reads. */
  script: string;
  config: string;
  settings: Readonly<Record<string, string | number>>;
  turns: Turns;
  /** Seconds it may take. */
  seconds: number;
  /** Its timer fires at once for a turn that the host was off for. */
  madeUp: boolean;
}

/** Place of a member among all, by which it has its turns. */
const placeOf = ({ etcd }: ClusterPlan, member: HostPlan) =>
  [etcd.findIndex(({ name }) => name === member.name), etcd.length] as const;

/** What a member takes its snapshots with, beside the script. */
export function snapshotFiles(plan: ClusterPlan, member: HostPlan): NeededFile[] {
  const { snapshots } = plan.config.etcd;
  const store = plan.snapshotStore;
  return routineFiles({
    unit: "kubernetes-ha-etcd-snapshot",
    description: "Snapshot of etcd",
    script: "take-snapshot.sh",
    config: "/etc/kubernetes-ha/etcd-snapshot.conf",
    settings: {
      MEMBER_NAME: member.name,
      MEMBER_ADDRESS: member.address,
      DATA_DIR: etcdDataDir,
      DIRECTORY: paths.snapshots,
      KEEP: snapshots.keep,
      KEEP_DAYS: snapshots.keepDays,
      STORE_URL: store?.url ?? "",
      STORE_REGION: store?.region ?? "",
      STORE_ROLE: store?.role ?? "",
      RECIPIENT: paths.snapshotRecipient,
    },
    turns: snapshotTurns(snapshots, ...placeOf(plan, member)),
    seconds: 1800,
    madeUp: true,
  });
}

/** What a member keeps its database small with, beside the script. */
export function spaceFiles(plan: ClusterPlan, member: HostPlan): NeededFile[] {
  return routineFiles({
    unit: "kubernetes-ha-etcd-space",
    description: "Space of etcd's database",
    script: "etcd-space.sh",
    config: "/etc/kubernetes-ha/etcd-space.conf",
    settings: {
      MEMBER_ADDRESS: member.address,
      ENDPOINTS: plan.etcdCluster.endpoints.join(","),
    },
    turns: turnsOf(10, ...placeOf(plan, member)),
    seconds: 900,
    madeUp: false,
  });
}

function routineFiles(routine: Routine): NeededFile[] {
  const lines = Object.entries(routine.settings).map(([name, value]) => `${name}=${value}`);
  const unit = `/etc/systemd/system/${routine.unit}`;
  return [
    { path: routine.config, content: `${[heading, ...lines].join("\n")}\n` },
    { path: `${unit}.service`, content: renderService(routine) },
    { path: `${unit}.timer`, content: renderTimer(routine) },
  ];
}

/** It yields to etcd: what it reads and writes has time. */
function renderService({ description, script, config, seconds }: Routine): string {
  return `${heading}
[Unit]
Description=${description}
# A host that is no member yet has none.
ConditionPathExists=/var/lib/kubernetes-ha/applied/etcd-member

[Service]
Type=oneshot
Environment=PARAMS=${config}
ExecStart=/bin/bash ${directory}/${script}
TimeoutStartSec=${seconds}
Nice=19
IOSchedulingClass=idle
`;
}

function renderTimer({ description, turns: { hours, minutes }, madeUp }: Routine): string {
  const list = (values: readonly number[]) =>
    values.map((value) => String(value).padStart(2, "0")).join(",");
  return `${heading}
[Unit]
Description=${description}

[Timer]
OnCalendar=*-*-* ${hours.length === 24 ? "*" : list(hours)}:${list(minutes)}:00 UTC
Persistent=${madeUp}
AccuracySec=1

[Install]
WantedBy=timers.target
`;
}
