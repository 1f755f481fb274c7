import { z } from "zod";

/** Processor architecture of a host, as release files name it. */
export const architecture = z.enum(["amd64", "arm64"]);

/** Processor architecture of a host. */
export type Architecture = z.output<typeof architecture>;

/** Image of a host. */
export const imageId = z.string().regex(/^img-[a-z0-9]{8}$/, "an image id such as img-7ag0z2jt");
