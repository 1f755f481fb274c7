import { renderDirector, renderHaproxy, renderKeepalived } from "../../../components/render";
import { healthCheck as policy } from "../../../policy/rules/entry/healthCheck";
import { first, lvsPlanOf, planOf } from "../../unit/plan/fixture";
import { listener, targets } from "../clb";
import { found, tokenOf, unknown } from "../judge";
import { compliantStack } from "../stack";
import { step } from "../steps";

const fix = "Check more often, or give up sooner.";

describe("a CLB listener", () => {
  test("of the shortest check is allowed", () => {
    expect(found(policy, [listener()])).toEqual([]);
    expect(found(policy, [listener({ healthCheckSwitch: undefined })])).toEqual([]);
  });

  test("with the check off is denied", () => {
    expect(found(policy, [listener({ healthCheckSwitch: false })])).toEqual([
      "listener: the health check of the listener is off. " +
        "Switch the check on; every 3 s, 2 failures, 2 s each is the shortest a CLB takes.",
    ]);
  });

  test.each([
    ["healthCheckIntervalTime", undefined, "12 s (2 checks 5 s apart, 2 s each), more than 10 s"],
    ["healthCheckIntervalTime", 5, "12 s (2 checks 5 s apart"],
    ["healthCheckUnhealthNum", 5, "12 s (5 checks 2 s apart"],
    ["healthCheckTimeOut", 7, "11 s (2 checks 2 s apart, 7 s each)"],
  ])("with %s %s is denied", (input, value, expected) => {
    expect(found(policy, [listener({ [input]: value })])).toEqual([
      expect.stringMatching(/^listener: a master that is gone still gets connections for /),
    ]);
    expect(found(policy, [listener({ [input]: value })])[0]).toContain(expected);
    expect(found(policy, [listener({ [input]: value })])[0]).toContain(fix);
  });

  test("with nothing said has the API's defaults: 17 s", () => {
    const bare = listener();
    bare.props = { port: 6443 };
    expect(found(policy, [bare])).toEqual([
      expect.stringContaining("17 s (3 checks 5 s apart, 2 s each)"),
    ]);
    expect(found(policy, [bare], { seconds: 17 })).toEqual([]);
  });

  test.each([
    "healthCheckSwitch",
    "healthCheckIntervalTime",
    "healthCheckUnhealthNum",
    "healthCheckTimeOut",
  ])("with a %s not known yet is undecided", (input) => {
    expect(found(policy, [listener({ [input]: unknown })])).toEqual([
      `listener: cannot decide: ${input} of the listener is known only after the update. Write it down in the program.`,
    ]);
  });

  test("of another port is the API's if masters are behind it", () => {
    const other = listener({ port: 443, healthCheckSwitch: false });
    expect(found(policy, [other])).toEqual([]);
    expect(found(policy, [...compliantStack(), other, targets("worker-1")])).toEqual([]);
    expect(found(policy, [...compliantStack(), other, targets("master-1")])).toHaveLength(1);
  });
});

describe("HAProxy", () => {
  const path = "/etc/haproxy/haproxy.cfg";
  const haproxy = (content: unknown) => [
    step("balancer", "balancer-1", [{ path, content: content as string }]),
  ];
  const ours = renderHaproxy(planOf().entry);
  const verdict = (from: string | RegExp, to: string) => {
    expect(ours).toMatch(from);
    return found(policy, haproxy(ours.replace(from, to)));
  };

  test("as ours is configured is allowed", () => {
    expect(found(policy, haproxy(ours))).toEqual([]);
    expect(found(policy, haproxy(ours), { seconds: 3 })).toEqual([]);
    expect(found(policy, haproxy(ours), { seconds: 2 })).toEqual([
      expect.stringContaining("connections for 3 s (2 checks 1 s apart, 1 s each)"),
    ]);
  });

  test.each([
    ["inter 1s", "inter 5s", "11 s (2 checks 5 s apart, 1 s each)"],
    ["inter 1s", "inter 5000ms", "11 s"],
    ["inter 1s", "inter 5000", "11 s"],
    ["inter 1s", "inter 1m", "121 s"],
    ["inter 1s", "inter soon", "Infinity s"],
    ["inter 1s", "", "connections for", { seconds: 4 }],
    ["fall 2", "fall 10", "11 s (10 checks 1 s apart"],
    ["fall 2", "", "4 s (3 checks 1 s apart", { seconds: 3 }],
    ["timeout check 1s", "timeout check 9s", "11 s (2 checks 1 s apart, 9 s each)"],
  ])("with %s made %j is denied", (from, to, expected, parameters: object = {}) => {
    expect(ours).toContain(from);
    expect(found(policy, haproxy(ours.replace(from, to)), parameters)).toEqual([
      expect.stringContaining(expected),
    ]);
  });

  test("without a limit on one check has the interval for it", () => {
    const bare = ours.replace("timeout check 1s", "").replace("inter 1s", "inter 4s");
    expect(found(policy, haproxy(bare))).toEqual([expect.stringContaining("12 s (2 checks 4 s")]);
  });

  test("without checks is denied", () => {
    expect(verdict("default-server check ", "default-server ")).toEqual([
      expect.stringContaining("balancer-1-balancer: HAProxy does not check its servers. Switch"),
    ]);
  });

  const beside = (check: string) =>
    `${ours}backend extra\n    default-server ${check}\n    server a 10.9.0.1:80\n    server b 10.9.0.2:80\n`;

  test("that fronts something else has to check its servers, as well as the masters", () => {
    expect(found(policy, haproxy(beside("check inter 1s fall 2")))).toEqual([]);
    expect(found(policy, haproxy(beside("weight 1")))).toEqual([
      expect.stringContaining("HAProxy does not check its servers"),
    ]);
    const checked = beside("check inter 1s fall 2").replace(
      "default-server check ",
      "default-server ",
    );
    expect(found(policy, haproxy(checked))).toEqual([
      expect.stringContaining("HAProxy does not check its servers"),
    ]);
    expect(found(policy, haproxy(beside("check inter 6s fall 2")))).toEqual([
      expect.stringContaining("13 s (2 checks 6 s apart, 1 s each)"),
    ]);
  });

  test("that checks all servers alike is allowed", () => {
    const alike =
      "defaults\n    default-server check inter 1s fall 2\n    timeout check 1s\nbackend x\n    server a 10.0.0.1:6443\n    server b 10.0.0.2:6443\n";
    expect(found(policy, haproxy(alike))).toEqual([]);
  });

  test("that checks server by server is allowed", () => {
    const each =
      "backend x\n    server a 10.0.0.1:6443 check inter 2s fall 2\n    timeout check 1s\n";
    expect(found(policy, haproxy(each))).toEqual([]);
  });

  test("whose configuration is not known yet is undecided", () => {
    expect(found(policy, haproxy(unknown))).toEqual([
      expect.stringContaining(
        "balancer-1-balancer: cannot decide: the configuration of HAProxy is known only after",
      ),
    ]);
  });

  test("counts on every host where each has a proxy", () => {
    const file = { path, content: "listen x\n" };
    const entry = { type: tokenOf("nodeLocalEntry"), name: "entry", props: { cluster: "prod" } };
    expect(found(policy, [step("worker", "worker-1", [file]), entry])).toEqual([
      expect.stringContaining("HAProxy does not check its servers"),
    ]);
  });

  test("on another host, or in another file, is nobody's entry", () => {
    const file = { path, content: "listen x\n" };
    expect(found(policy, [step("worker", "worker-1", [file])])).toEqual([]);
    expect(found(policy, [step("balancer", "b", [{ ...file, path: "/etc/x" }])])).toEqual([]);
  });
});

describe("LVS", () => {
  const path = "/etc/keepalived/keepalived.conf";
  const plan = lvsPlanOf();
  const ours = renderDirector(plan.entry, first(plan.entry.directors));
  const lvs = (content: unknown, parameters: object = {}) =>
    found(policy, [step("director", "d", [{ path, content: content as string }])], parameters);

  test("as ours is configured is allowed, and finds out within 4 s", () => {
    expect(lvs(ours)).toEqual([]);
    expect(lvs(ours, { seconds: 4 })).toEqual([]);
    expect(lvs(ours, { seconds: 3 })).toHaveLength(1);
  });

  test.each([
    ["delay_loop 1", ""],
    ["delay_loop 1", "delay_loop 15"],
    ["connect_timeout 1", "connect_timeout 5"],
    ["retry 1", "retry 10"],
    ["delay_before_retry 0.2", "delay_before_retry 9"],
  ])("with %s made %j is denied", (from, to) => {
    expect(ours).toContain(from);
    expect(lvs(ours.replace(from, to))).toEqual([
      expect.stringContaining("d-director: a master that is gone still gets connections for"),
    ]);
  });

  test("that does not check one of its servers is denied", () => {
    expect(lvs(ours.replace("SSL_GET", "X"))).toEqual([
      expect.stringContaining("d-director: LVS does not check its servers. Switch"),
    ]);
  });

  test("whose configuration is not known yet is undecided", () => {
    expect(lvs(unknown)).toEqual([
      expect.stringContaining("the configuration of LVS is known only after the update"),
    ]);
  });

  test("is none of a keepalived that only holds a VIP", () => {
    const usual = planOf();
    expect(lvs(renderKeepalived(usual.entry, first(usual.balancers)))).toEqual([]);
  });
});
