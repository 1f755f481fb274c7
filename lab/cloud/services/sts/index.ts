import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/sts/v20180813/sts_models";

import { action, service } from "../../action";
import * as s from "../../schema";

const getCallerIdentity = action<object, Models.GetCallerIdentityResponse>(
  "GetCallerIdentity",
  s.model<object>({}),
  ({ settings }) => {
    const { uin } = settings.account;
    return {
      Arn: `qcs::cam::uin/${uin}:uin/${uin}`,
      AccountId: uin,
      UserId: uin,
      PrincipalId: uin,
      Type: "RootAccount",
    };
  },
);

export const sts = service("sts", "2018-08-13", false, [getCallerIdentity]);
