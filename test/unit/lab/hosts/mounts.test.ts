import { parseMounts } from "../../../../lab/hosts/mounts";

test("mounts are read in order, with optional fields or none, and blanks in paths", () => {
  const mountinfo = [
    "22 1 254:0 / / rw,relatime - ext4 /dev/vda rw",
    "42 22 0:4 net:[4026532177] /run/netns/kha-op rw - nsfs nsfs rw",
    "43 22 254:0 /run/netns /run/netns rw shared:1 master:2 - ext4 /dev/vda rw",
    "44 43 0:4 net:[4026532177] /run/netns/kha-op rw shared:2 - nsfs nsfs rw",
    "45 22 7:0 / /my\\040cache/a\\134b rw - ext4 /dev/loop0 rw",
    "",
  ].join("\n");
  expect(parseMounts(mountinfo)).toEqual([
    { path: "/", root: "/", type: "ext4" },
    { path: "/run/netns/kha-op", root: "net:[4026532177]", type: "nsfs" },
    { path: "/run/netns", root: "/run/netns", type: "ext4" },
    { path: "/run/netns/kha-op", root: "net:[4026532177]", type: "nsfs" },
    { path: "/my cache/a\\b", root: "/", type: "ext4" },
  ]);
});
