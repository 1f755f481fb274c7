import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/cvm/v20170312/cvm_models";

import { action, type Call, type Nothing } from "../../action";
import * as s from "../../schema";
import { instanceId, requireInstance } from "./instances";
import { keyId, requireKeyPair } from "./keyPairs";

const schema = s.model<Models.AssociateInstancesKeyPairsRequest>({
  InstanceIds: instanceId.array().min(1),
  KeyIds: keyId.array().min(1),
  ForceStop: s.ignored,
});

function change(
  { store, requestId }: Call,
  request: Models.AssociateInstancesKeyPairsRequest,
  operation: string,
  next: (keyIds: string[]) => string[],
): Record<string, never> {
  request.KeyIds.forEach((id) => requireKeyPair(store, id));
  for (const id of request.InstanceIds) {
    const instance = requireInstance(store, id);
    store.tables.instances.put({
      ...instance,
      keyIds: next(instance.keyIds),
      latestOperation: operation,
      latestOperationState: "SUCCESS",
      latestOperationRequestId: requestId,
    });
  }
  return {};
}

const associateInstancesKeyPairs = action<Models.AssociateInstancesKeyPairsRequest, Nothing>(
  "AssociateInstancesKeyPairs",
  schema,
  (call, request) =>
    change(call, request, "AssociateInstancesKeyPairs", (keyIds) => [
      ...new Set([...keyIds, ...request.KeyIds]),
    ]),
);

const disassociateInstancesKeyPairs = action<Models.DisassociateInstancesKeyPairsRequest, Nothing>(
  "DisassociateInstancesKeyPairs",
  schema,
  (call, request) =>
    change(call, request, "DisassociateInstancesKeyPairs", (keyIds) =>
      keyIds.filter((id) => !request.KeyIds.includes(id)),
    ),
);

export const keyPairBindingActions = [associateInstancesKeyPairs, disassociateInstancesKeyPairs];
