import { detectionFault, type HealthCheck } from "../../../components/plan/rules/detection";
import { haproxyCheck, keepalivedCheck } from "../../facts/health";
import { apiListeners } from "../../facts/listeners";
import { type Resource, type Stack } from "../../facts/stack";
import { type Step, stepsOf, stepsRunning } from "../../facts/steps";
import { isUnknown, number } from "../../facts/values";
import { type Finding, type Rule } from "../rule";

interface Parameters {
  /** Seconds a master that is gone may still get connections. */
  seconds: number;
}

/** Reads the health check of every CLB listener of the API, and of HAProxy and LVS as steps configure them. */
export const healthCheck: Rule<Parameters> = {
  id: "entry-health-check",
  description:
    "The entry checks the health of the masters, and a master that is gone gets no connections for long.",
  level: "mandatory",
  why: "Connections sent to a master that is gone hang until their own timeouts: each second of it is an outage for a part of all clients.",
  source:
    "Tencent Cloud CLB, document 214/6097 (defaults: every 5 s, 3 failures, 2 s each: 17 s); HAProxy, server options; keepalived.conf(5)",
  fix: "Switch the check on; every 3 s, 2 failures, 2 s each is the shortest a CLB takes",
  scope: "stack",
  parameters: {
    seconds: {
      type: "integer",
      minimum: 1,
      default: 10,
      description: "Seconds a master that is gone may still get connections.",
    },
  },
  judge: (stack, { seconds }) => [
    ...apiListeners(stack).flatMap((listener) => judgeListener(listener, seconds)),
    ...entrySteps(stack).flatMap(({ resource: { urn }, files }) =>
      files
        .filter(({ secret }) => !secret)
        .flatMap(({ path, content }) => judgeFile(path, content, seconds))
        .map((finding) => ({ ...finding, urn })),
    ),
  ],
};

/** Steps that place what stands before the masters: those of all hosts where each has a proxy. */
function entrySteps(stack: Stack): readonly Step[] {
  if (stack.of("nodeLocalEntry").length > 0) return stepsOf(stack);
  return ["balancer", "local-endpoint", "haproxy", "director"].flatMap((step) =>
    stepsRunning(stack, step),
  );
}

/** Inputs of a listener's check, with what the API takes when they are absent. */
const listenerDefaults = {
  healthCheckIntervalTime: 5,
  healthCheckUnhealthNum: 3,
  healthCheckTimeOut: 2,
} as const;

function judgeListener({ urn, props }: Resource, seconds: number): Finding[] {
  const open = ["healthCheckSwitch", ...Object.keys(listenerDefaults)].filter((input) =>
    isUnknown(props[input]),
  );
  if (open.length > 0) {
    const message = `${open.join(", ")} of the listener is known only after the update`;
    return [{ message, fix: "Write it down in the program", urn, undecided: true }];
  }
  if (props.healthCheckSwitch === false) {
    return [{ message: "the health check of the listener is off", urn }];
  }
  const value = (input: keyof typeof listenerDefaults) =>
    number(props[input]) ?? listenerDefaults[input];
  const check: HealthCheck = {
    interval: value("healthCheckIntervalTime"),
    failures: value("healthCheckUnhealthNum"),
    timeout: value("healthCheckTimeOut"),
  };
  const fault = detectionFault(check, seconds);
  return fault === undefined ? [] : [{ ...fault, urn }];
}

/** What is wrong with the checks that a file configures, if it is one of a balancer's or a director's. */
function judgeFile(path: string, content: string | undefined, seconds: number): Finding[] {
  if (path.endsWith("/haproxy.cfg")) {
    return judgeCheck("HAProxy", content, (text) => haproxyCheck(text), seconds);
  }
  if (path.endsWith("/keepalived.conf")) {
    const directs = content === undefined || /^\s*virtual_server\s/m.test(content);
    return directs ? judgeCheck("LVS", content, (text) => keepalivedCheck(text), seconds) : [];
  }
  return [];
}

function judgeCheck(
  who: string,
  configuration: string | undefined,
  checkIn: (text: string) => HealthCheck | undefined,
  seconds: number,
): Finding[] {
  if (configuration === undefined) {
    const message = `the configuration of ${who} is known only after the update`;
    return [{ message, undecided: true }];
  }
  const check = checkIn(configuration);
  if (check === undefined) return [{ message: `${who} does not check its servers` }];
  const fault = detectionFault(check, seconds);
  return fault === undefined ? [] : [fault];
}
