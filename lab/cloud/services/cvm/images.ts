import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/cvm/v20170312/cvm_models";

import { action } from "../../action";
import { applyFilters, cvmRules, page, refuseBoth } from "../../query";
import * as s from "../../schema";

export interface PublicImage {
  id: string;
  name: string;
  osName: string;
  platform: string;
  sizeGiB: number;
}

/** The public images of the lab. Kept few: the provider lists all of them at every read of an instance. */
export const images: readonly PublicImage[] = [
  {
    id: "img-7ag0z2jt",
    name: "Debian 12.0 64bit",
    osName: "Debian 12.0 64bit",
    platform: "Debian",
    sizeGiB: 20,
  },
  {
    id: "img-487zeit5",
    name: "Ubuntu Server 22.04 LTS 64bit",
    osName: "Ubuntu Server 22.04 LTS 64bit",
    platform: "Ubuntu",
    sizeGiB: 20,
  },
];

function toModel(image: PublicImage): s.Full<Models.Image> {
  return {
    ImageId: image.id,
    OsName: image.osName,
    ImageType: "PUBLIC_IMAGE",
    CreatedTime: "2024-01-01T00:00:00Z",
    ImageName: image.name,
    ImageDescription: `${image.name} of the lab`,
    ImageSize: image.sizeGiB,
    Architecture: "x86_64",
    ImageState: "NORMAL",
    Platform: image.platform,
    ImageCreator: "",
    ImageSource: "OFFICIAL",
    SyncPercent: 100,
    IsSupportCloudinit: true,
    SnapshotSet: [],
    Tags: [],
    LicenseType: "TencentCloud",
    ImageFamily: "",
    ImageDeprecated: false,
    CdcCacheStatus: "",
  };
}

const describeImages = action<Models.DescribeImagesRequest, Models.DescribeImagesResponse>(
  "DescribeImages",
  s.model<Models.DescribeImagesRequest>({
    ImageIds: s.id("img", "InvalidImageId.Malformed").array().optional(),
    Filters: s.filters,
    Offset: s.optionalInteger,
    Limit: s.optionalInteger,
    InstanceType: s.ignored,
  }),
  (_, request) => {
    refuseBoth(request.ImageIds, request.Filters);
    const chosen = images.filter((each) => !request.ImageIds || request.ImageIds.includes(each.id));
    const found = applyFilters(
      chosen,
      request.Filters,
      {
        "image-id": (v) => v.id,
        "image-type": () => "PUBLIC_IMAGE",
        "image-name": (v) => v.name,
        platform: (v) => v.platform,
        "image-state": () => "NORMAL",
      },
      cvmRules,
      () => ({}),
    );
    return {
      ImageSet: page(found, request.Offset, request.Limit, cvmRules).map(toModel),
      TotalCount: found.length,
    };
  },
);

export const imageActions = [describeImages];
