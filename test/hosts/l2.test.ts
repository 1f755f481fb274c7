import { rmSync } from "node:fs";
import { macOf } from "../../lab/hosts/addresses";
import { describeInventory, inventory } from "../../lab/hosts/inventory";
import { sweep } from "../../lab/hosts/leftovers";
import { waitFor } from "../../lab/wait";
import { addresses, DirectServer, ids, port, sendersOfVip } from "./directServer";
import { TestLab } from "./lab";

const lab = new TestLab("l2", { network: "l2", ownKernel: { balancer: 512 } });
const server = new DirectServer(lab);
const { vip, vipEip, realOne, realTwo, client, bastionEip } = addresses;

beforeAll(async () => {
  await sweep(lab.id);
  rmSync(lab.dir, { recursive: true, force: true });
  await server.start();
}, 600_000);

afterAll(async () => {
  await server.stop();
  rmSync(lab.dir, { recursive: true, force: true });
}, 120_000);

const owner = (instanceId: string): Promise<true> =>
  waitFor({ what: `${instanceId} to own the VIP`, deadlineSeconds: 60, everyMs: 100 }, (seen) => {
    seen(lab.moves.join(", "));
    return Promise.resolve(lab.moves.at(-1) === `havip-one ${instanceId}` ? true : undefined);
  });

describe("LVS by direct routing", () => {
  it("balances over the real servers, which answer the client themselves", async () => {
    const answers = [];
    for (let i = 0; i < 4; i++) answers.push(await server.ask(vip));
    expect(answers.sort()).toEqual(["realone", "realone", "realtwo", "realtwo"]);
    expect(await sendersOfVip(server)).toEqual(new Set([macOf(realOne), macOf(realTwo)]));
  }, 120_000);

  it("is what the preflight of a director finds", async () => {
    const found = (await server.directRouting()).map((line) => line.trim());
    expect(found).toEqual(
      [realOne, realTwo].map((real) => `ok direct routing ${real} answers frames for ${vip}`),
    );
  }, 60_000);

  it("is found missing where a real server does not hold the address", async () => {
    const remove = `ip addr del ${vip}/32 dev lo`;
    await lab.mustOn(ids.realOne, remove);
    const found = await server.directRouting();
    await lab.mustOn(ids.realOne, remove.replace("del", "add"));
    expect(found).toEqual([
      `ok direct routing ${realTwo} answers frames for ${vip} `,
      expect.stringMatching(
        `^warning direct routing ${realOne} does not answer a frame for ${vip}`,
      ),
    ]);
  }, 60_000);

  it("forwards large segments whole", async () => {
    const sent = await lab.mustOn(
      ids.client,
      `head -c 32M /dev/zero | curl -sS -m 15 --data-binary @- http://${vip}:${port}/`,
    );
    expect(sent).toBe(String(32 * 1024 ** 2));
  }, 120_000);

  it("serves clients outside by the VIP's public address", async () => {
    await owner(ids.director);
    const answers = [];
    for (let i = 0; i < 4; i++) answers.push(await server.askFromOutside(vipEip));
    expect(answers.sort()).toEqual(["realone", "realone", "realtwo", "realtwo"]);
  }, 120_000);
});

describe("the switch", () => {
  it("shows every neighbour with its own MAC", async () => {
    await lab.on(ids.client, `ping -c1 -W1 ${realOne}; ping -c1 -W1 10.20.0.1`);
    const neighbours = await lab.mustOn(ids.client, "ip -4 neigh show dev host0");
    expect(neighbours).toContain(`${realOne} lladdr ${macOf(realOne)}`);
    expect(neighbours).toContain("10.20.0.1 lladdr fe:ee:0b:ca:e5:69");
  }, 120_000);

  it("opens exactly what the security groups say", async () => {
    await lab.mustOn(ids.realOne, "systemd-run --quiet --unit=closed -- nc -lk 0.0.0.0 9000");
    await lab.mustOn(ids.client, `systemd-run --quiet --unit=open -- nc -lk 0.0.0.0 ${port}`);
    expect(await lab.dials(ids.client, realOne, port)).toBe(true);
    expect(await lab.dials(ids.client, realOne, 9000)).toBe(false);
    expect(await lab.dials(ids.realTwo, realOne, 9000)).toBe(true);
    expect(await lab.dials(ids.realTwo, client, port)).toBe(false);
    expect(await lab.dials(ids.bastion, realOne, 22)).toBe(true);
    expect((await lab.ssh(server.keys.identity, realOne, "true")).code).not.toBe(0);
    expect((await lab.ssh(server.keys.identity, realOne, "true", bastionEip)).code).toBe(0);
  }, 120_000);

  it("drops what a rule that was taken away had let in", async () => {
    const group = server.desired.securityGroups[1];
    const removed = group?.ingress.splice(1, 1) ?? [];
    await server.apply();
    expect(await server.ask(realOne)).toBe("");
    expect(await server.ask(vip)).toBe("");
    group?.ingress.splice(1, 0, ...removed);
    await server.apply();
    expect(await server.ask(realOne)).toBe("realone");
  }, 120_000);

  it("carries VRRP's multicast between members of a group, and to nobody else", async () => {
    const listen = (id: string): Promise<string> =>
      lab.mustOn(
        id,
        "systemd-run --quiet --unit=vrrp -- sh -c 'exec tcpdump -l -n -i host0 \"ip proto 112\" >/run/vrrp 2>/run/vrrp.log'; until grep -q listening /run/vrrp.log; do sleep 0.1; done",
      );
    await Promise.all([listen(ids.realTwo), listen(ids.client)]);
    const advertise = `import socket
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 112)
s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("${realOne}"))
s.sendto(bytes(20), ("224.0.0.18", 0))`;
    await lab.mustOn(ids.realOne, `python3 -c '${advertise}'`);
    await waitFor({ what: "the advertisement", deadlineSeconds: 60 }, async () =>
      (await lab.on(ids.realTwo, "grep 224.0.0.18 /run/vrrp")).code === 0 ? true : undefined,
    );
    expect(await lab.mustOn(ids.client, "cat /run/vrrp")).toBe("");
  }, 120_000);

  it("gives a VIP to whoever announced it last, and the cloud is told", async () => {
    await server.mustOnDirector(`ip addr del ${vip}/32 dev host0`);
    await lab.mustOn(
      ids.realTwo,
      `ip addr add ${vip}/32 dev host0 && arping -q -U -c 2 -w 2 -I host0 ${vip} || true`,
    );
    await owner(ids.realTwo);
    expect(await server.ask(vip)).toBe("realtwo");
    expect(await server.askFromOutside(vipEip)).toBe("realtwo");
    await lab.mustOn(ids.realTwo, `ip addr del ${vip}/32 dev host0`);
    await server.mustOnDirector(
      `ip addr add ${vip}/32 dev host0 && arping -q -U -c 2 -w 2 -I host0 ${vip} || true`,
    );
    await owner(ids.director);
    expect(lab.moves).toEqual(
      [ids.director, ids.realTwo, ids.director].map((id) => `havip-one ${id}`),
    );
  }, 120_000);

  it("is silent on a cut link, and about a host without power", async () => {
    const real = server.hostOf(ids.realOne);
    real.linkCut = true;
    await server.apply();
    expect(await server.ask(realOne)).toBe("");
    expect((await lab.on(ids.realOne, "ping -c1 -W1 10.20.0.1")).code).not.toBe(0);
    real.linkCut = false;
    await server.apply();
    expect(await server.ask(realOne)).toBe("realone");
    real.power = "failed";
    await server.apply();
    expect(await server.ask(realOne)).toBe("");
  }, 120_000);
});

it("leaves nothing on the machine when it is closed", async () => {
  await lab.world.close({ keepDisks: false });
  expect(describeInventory(inventory(lab.id))).toEqual([]);
}, 120_000);
