import { readFileSync } from "node:fs";

/** One line of /proc/self/mountinfo, as far as we look at it. */
export interface Mount {
  /** Where it is mounted. */
  path: string;
  /** What of the file system is mounted; of a namespace its name, `net:[4026531840]`. */
  root: string;
  type: string;
}

/** @param mountinfo Text of /proc/self/mountinfo; what is mounted later comes later, and hides what it is mounted over. */
export function parseMounts(mountinfo: string): Mount[] {
  return mountinfo
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const [mount = "", filesystem = ""] = line.split(" - ");
      const [, , , root = "", path = ""] = mount.split(" ").map(unescaped);
      return { path, root, type: filesystem.split(" ")[0] ?? "" };
    });
}

/** What is mounted now, in the caller's mount namespace. */
export function mounts(): Mount[] {
  return parseMounts(readFileSync("/proc/self/mountinfo", "utf8"));
}

/** The kernel writes space, tab, newline and backslash as octal numbers. */
const unescaped = (field: string): string =>
  field.replaceAll(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(parseInt(code, 8)));
