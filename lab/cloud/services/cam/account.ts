import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/cam/v20190116/cam_models";

import { action } from "../../action";
import * as s from "../../schema";

/** Everybody calls as the account itself. */
const getUserAppId = action<object, Models.GetUserAppIdResponse>(
  "GetUserAppId",
  s.model<object>({}),
  ({ settings: { account } }) => ({
    Uin: account.uin,
    OwnerUin: account.uin,
    AppId: Number(account.appId),
  }),
);

/** There are no sub-accounts. */
const describeSubAccounts = action<
  Models.DescribeSubAccountsRequest,
  Models.DescribeSubAccountsResponse
>(
  "DescribeSubAccounts",
  s.model<Models.DescribeSubAccountsRequest>({ FilterSubAccountUin: s.integer.array() }),
  () => ({ SubAccounts: [] }),
);

export const accountActions = [getUserAppId, describeSubAccounts];
