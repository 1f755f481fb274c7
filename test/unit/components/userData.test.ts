import { parse } from "yaml";
import type { HostPlan } from "../../../components/plan/cluster";
import { renderUserData } from "../../../components/userData";

function userData(host: Partial<HostPlan>) {
  const text = renderUserData({
    host: { name: "prod-etcd-1", role: "etcd", ...host } as HostPlan,
    user: "kubernetes",
    operatorPublicKey: "ssh-ed25519 AAAA operator",
    hostKey: { privateKey: "PRIVATE", pkcs8: "PRIVATE", publicKey: "ssh-ed25519 AAAA host" },
  });
  expect(text.startsWith("#cloud-config\n")).toBe(true);
  return parse(text) as Record<string, unknown>;
}

test("a host has its name, its own key, and a user who logs in by key alone", () => {
  expect(userData({})).toMatchObject({
    hostname: "prod-etcd-1",
    ssh_keys: { ed25519_private: "PRIVATE", ed25519_public: "ssh-ed25519 AAAA host" },
    ssh_pwauth: false,
    disable_root: true,
    users: [{ name: "kubernetes", ssh_authorized_keys: ["ssh-ed25519 AAAA operator"] }],
  });
});

test("cloud-init leaves alone, at every boot, what is ours", () => {
  expect(userData({})).toMatchObject({
    manage_etc_hosts: false,
    manage_resolv_conf: false,
    prefer_fqdn_over_hostname: false,
    ntp: { enabled: false },
    apt: { preserve_sources_list: true },
    package_update: false,
    package_upgrade: false,
    ssh_deletekeys: true,
  });
});

const sshd = (role: HostPlan["role"]) =>
  (userData({ role })["write_files"] as { path: string; content: string }[]).find(({ path }) =>
    path.startsWith("/etc/ssh/sshd_config.d/"),
  )?.content;

test("only the bastion takes more connections at once", () => {
  expect(sshd("bastion")).toMatch(/^MaxStartups /m);
  expect(sshd("etcd")).not.toContain("MaxStartups");
});

test("a host that dies is noticed: those that live speak, and the bastion gives up what is silent for four times as long", () => {
  for (const role of ["bastion", "etcd", "worker"] as const)
    expect(sshd(role)).toMatch(/^ClientAliveInterval 30$/m);
  expect(userData({ role: "bastion" })["runcmd"]).toEqual([
    expect.stringContaining("'ChannelTimeout direct-tcpip=2m' >/etc/ssh/sshd_config.d/"),
  ]);
  expect(JSON.stringify(userData({ role: "etcd" })["runcmd"])).not.toContain("ChannelTimeout");
});

test("every host closes connections that nobody uses, where its sshd can", () => {
  for (const role of ["bastion", "etcd", "worker"] as HostPlan["role"][])
    expect(userData({ role })["runcmd"]).toEqual([
      expect.stringMatching(
        /^mkdir -p \/run\/sshd; ! .*sshd -t -o 'UnusedConnectionTimeout 1m' .*\|\| \{ printf '%s\\n' 'UnusedConnectionTimeout 1m' .*>\/etc\/ssh\/sshd_config\.d\//,
      ),
    ]);
});
