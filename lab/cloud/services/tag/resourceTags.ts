import { createHash } from "node:crypto";

import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/tag/v20180813/tag_models";

import { action, type Nothing } from "../../action";
import { ApiError } from "../../errors";
import { page, type QueryRules } from "../../query";
import * as s from "../../schema";
import { changeTags, isTagKind, tagKinds, tagsOf, type TagKind } from "../../tags";

const rules: QueryRules = { unknownFilter: "InvalidParameter", badPage: "InvalidParameterValue" };

/** Reads `qcs::<service>:<region>:uin/<uin>:<type>/<id>`; uin may be empty. */
function parseResource(resource: string): { kind: TagKind; id: string } {
  const match = /^qcs:[^:]*:([a-z]+):[^:]*:uin\/\d*:([a-z]+)\/([a-z0-9-]+)$/.exec(resource);
  const kind = `${match?.[1] ?? ""}/${match?.[2] ?? ""}`;
  if (!match || !isTagKind(kind)) {
    throw new ApiError(
      "InvalidParameterValue.ResourceDescriptionError",
      `'${resource}' is not of the form qcs::SERVICE:REGION:uin/UIN:TYPE/ID with a type of ${Object.keys(tagKinds).join(", ")}.`,
    );
  }
  return { kind, id: match[3] as string };
}

const modifyResourceTags = action<Models.ModifyResourceTagsRequest, Nothing>(
  "ModifyResourceTags",
  s.model<Models.ModifyResourceTagsRequest>({
    Resource: s.text,
    ReplaceTags: s
      .model<Models.Tag>({ TagKey: s.text, TagValue: s.text, Category: s.optionalText })
      .array()
      .optional(),
    DeleteTags: s.model<Models.TagKeyObject>({ TagKey: s.text }).array().optional(),
  }),
  ({ store }, request) => {
    const { kind, id } = parseResource(request.Resource);
    if (!store.tables[tagKinds[kind]].get(id)) {
      throw new ApiError(
        "InvalidParameterValue.ResourceDescriptionError",
        `The resource '${id}' does not exist.`,
      );
    }
    const set = Object.fromEntries(
      (request.ReplaceTags ?? []).map((each) => [each.TagKey, each.TagValue]),
    );
    const remove = (request.DeleteTags ?? []).map((each) => each.TagKey);
    const both = remove.find((key) => key in set);
    if (both !== undefined) {
      throw new ApiError(
        "InvalidParameterValue.DeleteTagsParamError",
        `Tag '${both}' is in ReplaceTags and in DeleteTags.`,
      );
    }
    changeTags(store, kind, id, set, remove);
    return {};
  },
);

function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}

const describeResourceTagsByResourceIds = action<
  Models.DescribeResourceTagsByResourceIdsRequest,
  Models.DescribeResourceTagsByResourceIdsResponse
>(
  "DescribeResourceTagsByResourceIds",
  s.model<Models.DescribeResourceTagsByResourceIdsRequest>({
    ServiceType: s.text,
    ResourcePrefix: s.text,
    ResourceIds: s.texts,
    ResourceRegion: s.ignored,
    Offset: s.optionalInteger,
    Limit: s.optionalInteger,
    Category: s.ignored,
  }),
  ({ store }, request) => {
    const kind = `${request.ServiceType}/${request.ResourcePrefix}`;
    if (!isTagKind(kind)) {
      throw new ApiError(
        "InvalidParameterValue.ResourcePrefixInvalid",
        `'${kind}' is not one of ${Object.keys(tagKinds).join(", ")}.`,
      );
    }
    const found = request.ResourceIds.flatMap((id) =>
      Object.entries(tagsOf(store, kind, id)).map(([key, value]) => ({
        TagKey: key,
        TagValue: value,
        ResourceId: id,
        TagKeyMd5: md5(key),
        TagValueMd5: md5(value),
        ServiceType: request.ServiceType,
        Category: "Custom",
      })),
    );
    return {
      TotalCount: found.length,
      Offset: request.Offset ?? 0,
      Limit: request.Limit ?? 20,
      Tags: page(found, request.Offset, request.Limit, rules),
    };
  },
);

export const resourceTagActions = [modifyResourceTags, describeResourceTagsByResourceIds];
