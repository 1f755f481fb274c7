import { z } from "zod";
import { tagNames } from "../roles";

/** Rules of Tencent Cloud's tag service (product/651/13354). It refuses anything else, in the middle of an update. */

/** Beginnings of keys that the platform keeps for itself, in any case. */
const reservedPrefixes = ["qcs:", "project", "qcloud", "tencent", "项目"];

/** Beginning of the cluster's own keys, which nobody else gives a value. */
const ownPrefix = tagNames.cluster.slice(0, tagNames.cluster.indexOf("/") + 1);

/** Most tags of one resource. */
const mostOfAResource = 50;

/** Most tags besides those that a cluster gives its resources itself. */
const most = mostOfAResource - Object.keys(tagNames).length;

/** Letters and digits of any language, and some signs; inner spaces, but none at either end. */
const text = /^(?! )[\p{L}\p{M}\p{N} +\-=._:/@()[\],;><【】：（）]+(?<! )$/u;

const signs = "letters, digits, inner spaces and + - = . _ : / @ ( ) [ ] , ; > <";

/** Characters, as people count them. */
const lengthOf = (of: string) => Array.from(of).length;

const key = z
  .string()
  .refine((of) => text.test(of) && lengthOf(of) <= 127, { error: `1 to 127 ${signs}` })
  .refine((of) => !reservedPrefixes.some((prefix) => of.toLowerCase().startsWith(prefix)), {
    error: `another key: those that begin with ${reservedPrefixes.join(", ")} are the platform's`,
  })
  .refine((of) => !of.startsWith(ownPrefix), {
    error: `another key: those that begin with ${ownPrefix} are the cluster's own`,
  })
  .meta({ pattern: text.source, maxLength: 127 });

const value = z
  .string()
  .refine((of) => text.test(of) && lengthOf(of) <= 255, { error: `1 to 255 ${signs}` })
  .meta({ pattern: text.source, maxLength: 255 });

/** Tags that people add. */
export const tags = z
  .record(key, value)
  .refine((all) => Object.keys(all).length <= most, {
    error: `at most ${most} tags: a resource has ${mostOfAResource}, the cluster's own included`,
  })
  .meta({ maxProperties: most });
