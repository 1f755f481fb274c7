import { stringify } from "yaml";
import type { HostPlan } from "./plan/cluster";
import type { SshKey } from "./pki/sshKey";
import { paths } from "./render";

/** What a host is given at its first boot. */
export interface UserDataInput {
  host: HostPlan;
  /** Login user; gets sudo. */
  user: string;
  /** Keys it may be logged in to with. */
  operatorPublicKeys: string[];
  /** Key the host shows; known beforehand, so that it can be pinned. */
  hostKey: SshKey;
}

/**
 * sshd asks a silent client whether it is there. So a host that lives says something on every connection, and one that says nothing any more has died;
 * no plugin asks for itself, and a step would wait for a dead host for ever.
 */
const everySshd = ["ClientAliveInterval 30"];

/** Every step of every host dials through the bastion, all hosts at once when a cluster is made. */
const bastionSshd = ["MaxStartups 200:30:400", "MaxSessions 200"];

/**
 * What sshd closes. Of all hosts connections that hold no channel: the `command` plugin leaves the connection of every step open until the run ends, and
 * each one is two processes on the bastion too. Of the bastion also the way to a host that has said nothing for a while.
 */
const closed = "UnusedConnectionTimeout 1m";
const closedByBastion = "ChannelTimeout direct-tcpip=2m";

/** Older ones than 9.2 (Ubuntu 22.04) know neither, and stay as they are. */
function closeUnused(options: readonly string[]): string {
  const quoted = options.map((option) => `'${option}'`);
  return [
    // Without its directory, which the unit makes, sshd tests nothing; it may not have started yet.
    "mkdir -p /run/sshd",
    `! /usr/sbin/sshd -t ${quoted.map((option) => `-o ${option}`).join(" ")} || ` +
      `{ printf '%s\\n' ${quoted.join(" ")} >/etc/ssh/sshd_config.d/20-unused.conf; systemctl --no-block try-reload-or-restart ssh; }`,
  ].join("; ");
}

/**
 * What images and the cloud's own data may have cloud-init do, at first or at every boot, to files that are ours, or at a moment that is not: all of it
 * is told off.
 */
const leftAlone = {
  manage_etc_hosts: false,
  manage_resolv_conf: false,
  prefer_fqdn_over_hostname: false,
  ntp: { enabled: false },
  apt: { preserve_sources_list: true },
  package_update: false,
  package_upgrade: false,
};

/** Seconds a script of a pool's own may take; prepare-host.sh waits a bit longer for its end. */
const scriptSeconds = 600;

/** In base64, so that it arrives as it is written, whatever YAML makes of its lines. */
function scriptFile(script: string) {
  return {
    path: paths.firstBootScript,
    permissions: "0700",
    encoding: "b64",
    content: Buffer.from(script).toString("base64"),
  };
}

/** Runs the script, and leaves how it ended where prepare-host.sh looks. */
const runScript =
  `timeout -k 10 ${scriptSeconds} ${paths.firstBootScript} </dev/null >${paths.firstBootLog} 2>&1; ` +
  `echo $? >${paths.firstBootStatus}.new; mv ${paths.firstBootStatus}.new ${paths.firstBootStatus}`;

/**
 * Cloud-config of a host: its name, its SSH host key, the login user, what cloud-init is to leave alone, and a script of its pool if that has one; the steps
 * do the rest.
 * The text holds the host's private key, so it is secret.
 */
export function renderUserData({ host, user, operatorPublicKeys, hostKey }: UserDataInput): string {
  const isBastion = host.role === "bastion";
  const { firstBootScript: script } = host;
  const config = {
    hostname: host.name,
    preserve_hostname: false,
    ...leftAlone,
    ssh_deletekeys: true,
    ssh_keys: { ed25519_private: hostKey.privateKey, ed25519_public: hostKey.publicKey },
    ssh_pwauth: false,
    disable_root: true,
    users: [
      {
        name: user,
        sudo: "ALL=(ALL) NOPASSWD:ALL",
        shell: "/bin/bash",
        lock_passwd: true,
        ssh_authorized_keys: operatorPublicKeys,
      },
    ],
    write_files: [
      {
        path: "/etc/ssh/sshd_config.d/10-kubernetes-ha.conf",
        content: lines([...everySshd, ...(isBastion ? bastionSshd : [])]),
      },
      ...(script === undefined ? [] : [scriptFile(script)]),
    ],
    runcmd: [
      closeUnused([closed, ...(isBastion ? [closedByBastion] : [])]),
      ...(script === undefined ? [] : [runScript]),
    ],
  };
  return `#cloud-config\n${stringify(config, { lineWidth: 0 })}`;
}

const lines = (texts: readonly string[]) => texts.map((text) => `${text}\n`).join("");
