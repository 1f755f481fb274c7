import { chmodSync, cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { must } from "../../lab/process";
import { debianTree } from "./services";
import type { HarborSource } from "./programs";

/** User and group that Harbor's images run as. */
const user = 10_000;

/** An image, as far as Harbor's pod goes by it. */
interface Image {
  name: string;
  /** Programs of this machine, or of a tree of Debian's, at the paths they have in the image. */
  programs: Record<string, string>;
  /** Files and directories by their paths in the image. */
  copied?: Record<string, string>;
  command?: string[];
}

/**
 * Pushes images that have the names, users, paths and entry points of Harbor's own: core and jobservice are Harbor's programs with its scripts, views and migrations over a shell of
 * Debian's. nginx is Debian's, in the place of nginx-photon; and with a page of its own in the place of harbor-portal, whose page it takes Node.js and a thousand packages to build.
 *
 * @param to `<host>:<port>/<path>`, reached by plain HTTP in the network namespace. @param crane The program. @param scratch A directory for what is not kept.
 */
export async function pushHarborImages(
  source: HarborSource,
  { to, netns, crane, scratch }: { to: string; netns: string; crane: string; scratch: string },
): Promise<void> {
  const of = (path: string) => join(source.directory, path);
  const ofProgram = (name: "core" | "jobservice"): Image => ({
    name: `harbor-${name}`,
    programs: { [`/harbor/harbor_${name}`]: source[name], "/bin/sh": "/bin/dash" },
    copied: {
      "/harbor/entrypoint.sh": of(`make/photon/${name}/entrypoint.sh`),
      "/harbor/install_cert.sh": of("make/photon/common/install_cert.sh"),
      ...(name === "core" && {
        "/harbor/views": of("src/core/views"),
        "/harbor/migrations": of("make/migrations"),
        "/harbor/icons": of("icons"),
      }),
    },
  });
  const debian = await debianTree("nginx", ["nginx", "nginx-common", "libpcre2-8-0"]);
  const nginx = (name: string): Image => ({
    name,
    programs: { "/usr/sbin/nginx": join(debian, "usr/sbin/nginx") },
    copied: {
      "/etc/nginx/mime.types": join(debian, "etc/nginx/mime.types"),
      "/usr/share/nginx/html": join(debian, "usr/share/nginx/html"),
    },
    command: ["/usr/sbin/nginx", "-g", "daemon off;"],
  });
  const images = [
    ofProgram("core"),
    ofProgram("jobservice"),
    nginx("harbor-portal"),
    nginx("nginx-photon"),
  ];
  for (const image of images) {
    const root = join(scratch, image.name);
    await fill(root, image);
    const archive = `${root}.tgz`;
    await must(["tar", "-C", root, "--owner=0", "--group=0", "-czf", archive, "."]);
    const reference = `${to}/${image.name}:${source.release}`;
    await must([crane, "append", "--insecure", "--new_layer", archive, "--new_tag", reference], {
      ...{ netns, timeoutSeconds: 300 },
    });
    await must(
      [
        ...[crane, "mutate", "--insecure", reference, "--tag", reference, "--user", String(user)],
        ...["--set-platform", "linux/amd64", "--workdir", image.command ? "/" : "/harbor"],
        ...(image.command ? ["--entrypoint", image.command.join(",")] : []),
      ],
      { netns, timeoutSeconds: 300 },
    );
    rmSync(root, { recursive: true });
    rmSync(archive);
  }
}

/** Files of an image: what it is made of, the libraries that it asks for, users, and a place for what is passing. */
async function fill(root: string, { programs, copied = {} }: Image): Promise<void> {
  const put = (from: string, to: string) => {
    mkdirSync(dirname(join(root, to)), { recursive: true });
    cpSync(from, join(root, to), { recursive: true, dereference: true });
  };
  const text = (path: string, content: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  for (const [path, from] of Object.entries(copied)) {
    put(from, path);
    if (path.endsWith(".sh")) chmodSync(join(root, path), 0o755);
  }
  for (const [path, from] of Object.entries(programs)) {
    put(from, path);
    for (const library of await librariesOf(from))
      put(library, library.replace(/^.*?(?=\/(usr\/)?lib)/, ""));
  }
  text("/etc/passwd", `root:x:0:0::/:/bin/sh\nharbor:x:${user}:${user}::/:/bin/sh\n`);
  text("/etc/group", `root:x:0:\nharbor:x:${user}:\n`);
  for (const directory of ["/tmp", "/var/log/nginx", "/var/lib/nginx"]) {
    mkdirSync(join(root, directory), { recursive: true });
    chmodSync(join(root, directory), 0o1777);
  }
}

/** Paths of the libraries that a program asks for; none of a static one. */
async function librariesOf(program: string): Promise<string[]> {
  const { stdout } = await must(["sh", "-c", 'ldd "$1" 2>/dev/null || true', "ldd", program]);
  return [...stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, path = ""]) => path);
}
