/**
 * Images that Kubernetes' conformance tests run pods of, under the names and tags that the tests of this release have (docs/conformance.md). What the
 * tests' own project makes is built from its source; the rest is Debian's: what is tested is the cluster, not who made a shell. Pure data.
 */
import type { ImageSpec } from "./layout";

/** Debian packages with the programs of these images. */
export const conformancePackages: readonly string[] = [
  "bash",
  "bind9-dnsutils",
  "busybox-static",
  "curl",
  "iproute2",
  "libc-bin",
  "netcat-openbsd",
  "nginx-light",
];

const busybox: ImageSpec["programs"] = { "/bin/busybox": { static: "/bin/busybox" } };
const bash: ImageSpec["programs"] = { "/bin/bash": { debian: "/bin/bash" } };
const dnsTools: ImageSpec["programs"] = {
  "/usr/bin/dig": { debian: "/usr/bin/dig" },
  "/usr/bin/getent": { debian: "/usr/bin/getent" },
};

/** A user that the image itself puts into a group, which tests look for. */
const usersInImage = {
  "/etc/passwd": [
    "root:x:0:0:root:/root:/bin/sh",
    "nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin",
    "user-defined-in-image:x:1000:1000::/home/user-defined-in-image:/bin/sh",
    "",
  ].join("\n"),
  "/etc/group": [
    "root:x:0:",
    "nogroup:x:65534:",
    "user-defined-in-image:x:1000:",
    "group-defined-in-image:x:50000:user-defined-in-image",
    "",
  ].join("\n"),
};

/** The tests' own program for everything, with the tools that they call in its pods. */
const agnhost = (tag: string): ImageSpec => ({
  name: "agnhost",
  tag,
  programs: {
    "/agnhost": { binary: "agnhost" },
    "/localhost.crt": { binary: "localhost.crt" },
    "/localhost.key": { binary: "localhost.key" },
    ...bash,
    "/usr/bin/curl": { debian: "/usr/bin/curl" },
    "/usr/bin/nc": { debian: "/bin/nc.openbsd" },
    "/usr/bin/ss": { debian: "/bin/ss" },
    "/usr/bin/ip": { debian: "/bin/ip" },
    ...busybox,
    ...dnsTools,
  },
  // One test starts it by another name. Debian's busybox as a shell would take its own `nc` and `ip` for those above.
  links: { "/agnhost-2": "agnhost", "/bin/sh": "bash" },
  files: { ...usersInImage, "/uploads/.keep": "" },
  applets: true,
  base: true,
  entrypoint: ["/agnhost"],
  command: ["pause"],
});

/** A server of the picture that the image is named after, told apart by that alone. */
const picture = (name: string): ImageSpec => ({
  name,
  tag: "1.8",
  programs: { "/agnhost": { binary: "agnhost" } },
  files: {
    "/data.json": `${JSON.stringify({ image: `${name}.jpg` }, null, 2)}\n`,
    // What an image volume is known by.
    "/etc/os-release": 'NAME="Debian, in the place of Alpine Linux"\n',
  },
  base: true,
  entrypoint: ["/agnhost"],
  command: ["test-webserver"],
});

const nginx = (tag: string): ImageSpec => ({
  name: "nginx",
  tag,
  programs: { "/usr/sbin/nginx": { debian: "/usr/sbin/nginx" }, ...busybox },
  files: {
    "/etc/nginx/nginx.conf": [
      "user nobody nogroup;",
      "pid /tmp/nginx.pid;",
      "error_log /dev/stderr;",
      "events {}",
      "http {",
      "  access_log /dev/stdout;",
      ...["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
        (of) => `  ${of}_temp_path /tmp/${of};`,
      ),
      "  server { listen 80; root /usr/share/nginx/html; }",
      "}",
      "",
    ].join("\n"),
    "/usr/share/nginx/html/index.html": "<h1>Welcome to nginx!</h1>\n",
  },
  // Where it writes before it has read its configuration.
  links: { "/var/log/nginx/error.log": "/dev/stderr" },
  applets: true,
  base: true,
  command: ["/usr/sbin/nginx", "-g", "daemon off;"],
});

/** All of them; `pause` is there anyway. */
export const conformanceImages: readonly ImageSpec[] = [
  agnhost("2.63.0"),
  agnhost("2.55"),
  {
    name: "busybox",
    tag: "1.37.0-1",
    programs: { ...busybox, ...bash },
    // Debian's busybox as a shell hands on no variable whose name is none of the shell's, such as `data-1`, which tests expect of the published one. Others
    // expect its very words, and ask for it by its path.
    links: { "/usr/local/bin/sh": "/bin/bash" },
    applets: true,
    base: true,
    command: ["sh"],
  },
  {
    name: "glibc-dns-testing",
    tag: "2.0.0",
    programs: { ...busybox, ...dnsTools },
    applets: true,
    base: true,
    command: ["sh"],
  },
  nginx("1.15-4"),
  nginx("1.27-0"),
  picture("nautilus"),
  picture("kitten"),
  {
    name: "nonewprivs",
    tag: "1.4",
    programs: { "/usr/local/bin/nnp": { binary: "nonewprivs" } },
    setuid: "/usr/local/bin/nnp",
    base: true,
    command: ["nnp"],
  },
  {
    name: "sample-apiserver",
    tag: "1.29.2",
    programs: { "/sample-apiserver": { binary: "sample-apiserver" } },
    base: true,
    entrypoint: ["/sample-apiserver"],
  },
  {
    name: "etcd",
    tag: "3.6.8-0",
    programs: { "/usr/local/bin/etcd": { binary: "etcd" } },
    base: true,
  },
];
