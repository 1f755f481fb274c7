import type { StackOutputs } from "../../../../operations/access/outputs";
import type { Run } from "../../../../operations/access/proxy";
import type { HostLook } from "../../../../operations/status/facts";
import { gather } from "../../../../operations/status/gather";
import { outputsOf } from "../access/outputs";

const look: HostLook = { addresses: [], services: {}, certificates: [], metrics: {}, way: null };

/** Runs nothing: answers by the host a command is for, and keeps what was asked. */
function answering(answers: Record<string, { code: number; stdout?: string; stderr?: string }>) {
  const asked: { command: string[]; input: string | undefined; limit: number | undefined }[] = [];
  const run: Run = (command, { input, timeoutSeconds } = {}) => {
    asked.push({ command, input, limit: timeoutSeconds });
    const host = command.find((word) => word in answers);
    const answer = answers[host ?? ""] ?? { code: 0, stdout: JSON.stringify(look) };
    return Promise.resolve({ stdout: "", stderr: "", ...answer });
  };
  return { asked, run };
}

const outputs: StackOutputs = outputsOf();

test("every host is asked once, by the one connection to the bastion, what it is", async () => {
  const { asked, run } = answering({});
  const seen: string[] = [];
  const { hosts } = await gather(outputs, { directory: "/access", run }, (host) => seen.push(host));
  expect([...hosts.keys()].sort()).toEqual(outputs.nodes.map(({ name }) => name).sort());
  expect(seen).toHaveLength(3);
  const [check, ...looks] = asked;
  expect(check?.command).toEqual(expect.arrayContaining(["-O", "check"]));
  const lookAt = "sudo -n timeout 30 python3 -";
  const jump = "ProxyCommand=ssh -F /access/ssh_config -S /access/control -W %h:%p bastion-socks";
  expect(
    looks.map(({ command }) =>
      command
        .slice(-12)
        .join(" ")
        .replace(/^.*?sudo/, "sudo"),
    ),
  ).toEqual([
    `${lookAt} 10.0.0.2 api.prod.internal:6443`,
    `${lookAt} 10.0.0.3 - etcd=2379`,
    `${lookAt} 10.0.0.4 api.prod.internal:6443 master=6443`,
  ]);
  expect(looks[0]?.command).toEqual(expect.arrayContaining(["-S", "bastion-socks"]));
  for (const { command } of looks.slice(1)) expect(command).toContain(jump);
  for (const { input, limit } of looks) {
    expect(input).toContain("It only looks");
    expect(limit).toBeGreaterThan(30);
  }
});

test("nothing that is asked has a secret in it", async () => {
  const { asked, run } = answering({});
  await gather(outputs, { directory: "/access", run });
  const said = JSON.stringify(asked);
  expect(said).not.toContain("PRIVATE KEY");
  expect(said).not.toContain(outputs.kubeconfig.slice(-40).trim());
});

test("a host that cannot be asked does not keep the others from it, and says why", async () => {
  const { run } = answering({
    "prod-etcd-1": { code: 255, stderr: "debug\nssh: connect to host 10.0.0.3: timed out\n" },
  });
  const { hosts } = await gather(outputs, { directory: "/access", run });
  expect(hosts.get("prod-etcd-1")).toEqual({
    silent: "debug; ssh: connect to host 10.0.0.3: timed out",
  });
  expect(hosts.get("prod-master-1")).toEqual({ look });
});

test("one that prints something else than it was asked for says nothing either", async () => {
  const { run } = answering({ "prod-etcd-1": { code: 0, stdout: "Welcome!" } });
  const { hosts } = await gather(outputs, { directory: "/access", run });
  expect(hosts.get("prod-etcd-1")).toEqual({
    silent: "it answered what was not asked: Welcome!",
  });
});
