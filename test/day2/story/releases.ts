import { imageOf } from "../../../components/plan/images";
import { Engine } from "../../../lab/engine";
import { clusterReady } from "../../../lab/up";
import type { Edit, Edits } from "../../support/edits";
import { type Blow, endedBy, type Moment, nodeHas, stepSays } from "../../support/interruption";
import { expectServed, seenMeanwhile } from "../../support/seen";
import {
  apiservers,
  etcdReleases,
  kubelets,
  members,
  releases,
  toEtcdRelease,
  toRelease,
} from "../../support/upgrade";

const [first, spoilt] = ["lab-master-1", "lab-master-2"];
const writer = "lab-worker-1";

/** etcd and Kubernetes go a minor release up, in turn, stopped by a host that does not come up and ended on the way, while a client writes. */
export function releasesGoUp(edits: Edits): void {
  const { lab } = edits;
  const up = (release: string) => lab.run(...edits.arguments(toRelease(release)));
  /** Refused by the check, which previews; and by hosts, for who leaves that out. */
  const refused = async (
    edit: Edit,
    { byCheck, byHosts }: { byCheck: string; byHosts: string },
  ): Promise<void> => {
    const args = edits.arguments(edit);
    const checked = await lab.run(...args);
    const unchecked = await lab.run(...args.filter((each) => each !== "--check"));
    expect([checked.code, unchecked.code]).not.toContain(0);
    expect(checked.output).toContain(byCheck);
    expect(unchecked.output).toContain(byHosts);
  };
  const changes = () => new Engine(lab.identity, {}).changes();
  const etcdRuns = async (): Promise<string[]> =>
    (await members(lab, edits.plan.etcd[0]?.name ?? "")).map(({ release }) => release);
  const addresses = () => edits.plan.masters.map(({ address }) => address);
  /** Every node, as `kubelets` has it when all is well. */
  const nodesOn = (release: string): string[] =>
    [...edits.plan.masters, ...edits.plan.workers]
      .map(({ name }) => `${name} ${release} True`)
      .sort();
  /** What the apiservers of the next release are made of. */
  const wantedImage = (): string => {
    const { sources, versions } = edits.plan.config;
    return imageOf(
      { sources, versions: { ...versions, kubernetes: releases.to } },
      "kube-apiserver",
    );
  };
  /** Has it be something else on a master, as a mirror that is damaged may hand out. */
  const spoil = (host: string): Promise<string> =>
    lab.onHost(
      host,
      `ctr --namespace k8s.io images tag ${imageOf(edits.plan.config, "pause")} ${wantedImage()}`,
    );
  const mend = (host: string): Promise<string> =>
    lab.onHost(host, `ctr --namespace k8s.io images rm ${wantedImage()}`);

  test("etcd goes a minor up, the leader last, also when it is ended on the way: no way down again", async () => {
    const hosts = edits.plan.etcd.map(({ name }) => name);
    const before = await members(lab, hosts[0] ?? "");
    expect(before.map(({ release }) => release)).toEqual(hosts.map(() => etcdReleases.from));
    const leader = edits.plan.etcd.find(({ address }) =>
      before.some((member) => member.leads && member.address === address),
    );
    const half: Moment = {
      name: `a member runs ${etcdReleases.to}`,
      come: async () => (await etcdRuns()).includes(etcdReleases.to),
    };
    const args = edits.arguments(toEtcdRelease(etcdReleases.to));
    const seen = await seenMeanwhile(lab, writer, async () => {
      await endedBy(lab, [["kill -9 of the engine", half]], args);
      await lab.must(...args);
    });
    expectServed(`etcd ${etcdReleases.from} to ${etcdReleases.to}`, seen);
    expect(await etcdRuns()).toEqual(hosts.map(() => etcdReleases.to));
    const changed = await Promise.all(
      hosts.map(async (host) => ({
        host,
        at: Number(await lab.onHost(host, "stat --format %Y /etc/kubernetes/manifests/etcd.yaml")),
      })),
    );
    expect(changed.sort((one, other) => one.at - other.at).at(-1)?.host).toBe(leader?.name);
    await edits.up();
    expect(changes()).toEqual([]);
    await refused(toEtcdRelease(etcdReleases.from), {
      byCheck: `etcd goes from ${etcdReleases.to} to ${etcdReleases.from}, a minor release down`,
      byHosts: "etcd does not go down by a minor release over its data",
    });
    expect(await etcdRuns()).toEqual(hosts.map(() => etcdReleases.to));
    await edits.up(toEtcdRelease(etcdReleases.to));
  });

  test("two minors up, or one down, are refused before anything is done", async () => {
    for (const release of ["v1.38.0", "v1.35.4"])
      await refused(toRelease(release), {
        byCheck: `Kubernetes goes from ${releases.from} to ${release}`,
        byHosts: `versions.kubernetes is ${release}, but this host runs ${releases.from}`,
      });
    expect(await kubelets(lab)).toEqual(nodesOn(releases.from));
  });

  test("a master whose apiserver does not come up stops it: everything serves", async () => {
    await spoil(spoilt);
    const seen = await seenMeanwhile(lab, writer, async () => {
      const { code, output } = await up(releases.to);
      expect(code).not.toBe(0);
      expect(output).toContain("the one of before is back");
    });
    expectServed(`stopped by ${spoilt}`, seen);
    const served = await apiservers(lab, first, addresses());
    expect(served[1]).toBe(releases.from);
    for (const release of served) expect([releases.from, releases.to]).toContain(release);
    // Its kubelet asks its own apiserver, which is back for a moment only.
    await clusterReady(lab.operator, edits.plan.hosts);
    expect(await kubelets(lab)).toEqual(nodesOn(releases.from));
  });

  test("the next up goes on, also when it is ended on the way: everything of the new release", async () => {
    await mend(spoilt);
    const blows: [Blow, Moment][] = [
      ["kill -9 of the engine", nodeHas(first, ".status.nodeInfo.kubeletVersion", releases.to)],
      ["Ctrl-C", stepSays(writer, "worker", "pods make room")],
    ];
    const args = edits.arguments(toRelease(releases.to));
    const seen = await seenMeanwhile(lab, writer, async () => {
      await endedBy(lab, blows, args);
      await lab.must(...args);
    });
    expectServed(`${releases.from} to ${releases.to}`, seen);
    expect(await apiservers(lab, first, addresses())).toEqual(addresses().map(() => releases.to));
    expect(await kubelets(lab)).toEqual(nodesOn(releases.to));
    await lab.rolledOut("daemonset/kube-proxy", { namespace: "kube-system" });
    const path = "jsonpath={.items[*].spec.containers[*].image}";
    const images = await lab.kubectl("get", "pods", "-n", "kube-system", "-o", path);
    expect(
      images
        .split(" ")
        .filter((image) => image.includes("/kube-") && !image.endsWith(`:${releases.to}`)),
    ).toEqual([]);
    await edits.up();
    expect(changes()).toEqual([]);
  });
}
