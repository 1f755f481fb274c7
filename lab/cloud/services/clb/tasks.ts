import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/clb/v20180317/clb_models";

import { action, type Call } from "../../action";
import { ApiError } from "../../errors";
import * as s from "../../schema";
import { requireLoadBalancer } from "./common";
import type { LoadBalancerTaskRecord } from "./records";

/**
 * How long a task takes at most, in ms: a caller that was killed before it asked must not leave its load balancer busy for
 * ever.
 */
const longestTaskMs = 3000;

function isRunning({ now }: Call, task: LoadBalancerTaskRecord): boolean {
  return task.polls > 0 && now.getTime() - Date.parse(task.createdAt) < longestTaskMs;
}

/** The task under way at a load balancer, if any. */
export function runningTask(
  call: Call,
  loadBalancerId: string,
): LoadBalancerTaskRecord | undefined {
  return call.store.tables.loadBalancerTasks
    .list()
    .find((each) => each.loadBalancerIds.includes(loadBalancerId) && isRunning(call, each));
}

/**
 * Before a change: the load balancer is there and nothing else is under way at it.
 * @throws ApiError `InvalidParameter.LBIdNotFound` or `FailedOperation.ResourceInOperating`
 */
export function requireIdle(call: Call, loadBalancerId: string): void {
  requireLoadBalancer(call.store, loadBalancerId);
  const task = runningTask(call, loadBalancerId);
  if (task) {
    throw new ApiError(
      "FailedOperation.ResourceInOperating",
      `${loadBalancerId} is busy with task ${task.id}; ask DescribeTaskStatus until it is done.`,
    );
  }
}

/** Begins the task of a change: the call's RequestId names it. What is stored shows at once, the task is over later. */
export function startTask(call: Call, loadBalancerIds: string[], dealName = ""): void {
  const { store, now, requestId } = call;
  store.tables.loadBalancerTasks.put({
    id: requestId,
    seq: store.next(),
    createdAt: now.toISOString(),
    loadBalancerIds,
    dealName,
    polls: 1,
  });
}

const status = { done: 0, running: 2 } as const;

/** A task is running to the first who asks and done to the second. Tasks of the lab never fail: what can is checked before. */
const describeTaskStatus = action<
  Models.DescribeTaskStatusRequest,
  Models.DescribeTaskStatusResponse
>(
  "DescribeTaskStatus",
  s.model<Models.DescribeTaskStatusRequest>({
    TaskId: s.optionalText,
    DealName: s.optionalText,
  }),
  (call, { TaskId, DealName }) => {
    const { loadBalancerTasks } = call.store.tables;
    if (!TaskId && !DealName) {
      throw new ApiError("InvalidParameter", "Give TaskId or DealName.");
    }
    const task = TaskId
      ? loadBalancerTasks.get(TaskId)
      : loadBalancerTasks.list().find((each) => each.dealName === DealName);
    if (!task) {
      throw new ApiError("InvalidParameter", `There is no task '${TaskId ?? DealName ?? ""}'.`);
    }
    const running = isRunning(call, task);
    if (running) {
      loadBalancerTasks.put({ ...task, polls: task.polls - 1 });
    }
    return {
      Status: running ? status.running : status.done,
      LoadBalancerIds: task.loadBalancerIds,
      Message: "",
    };
  },
);

export const taskActions = [describeTaskStatus];
