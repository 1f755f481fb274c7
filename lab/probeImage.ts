import { imagePrefix, mirrorVersions } from "../mirror/layout";
import { mirrorAddress } from "./hosts/addresses";

/** Our own test program, which is nowhere else: as hosts of a lab pull it, wherever they have all other images from. */
export const probeImage = `${mirrorAddress}:5000/${imagePrefix}/probe:${mirrorVersions.probe}`;
