import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";
import { cacheRoot } from "../../lab/identity";
import { must } from "../../lab/process";

/** What a checkout of Harbor gives. */
export interface HarborSource {
  /** The checkout, at a released tag. */
  directory: string;
  /** Its release, `v2.15.2`. */
  release: string;
  /** Paths of its programs. */
  core: string;
  jobservice: string;
}

/** What of the checkout the programs are made of. */
const parts = ["src", "api", "tools"];

/**
 * The programs of a checkout of Harbor, built with this machine's Go from it and from the module proxy; a quarter of an hour the first time. The server's API is
 * generated as Harbor's own Makefile does it. go.pinniped.dev, which the proxy does not have, is stood in for by a module of ours: logins by OIDC are not tried.
 *
 * @param release What the checkout is, as its programs say it.
 */
export async function buildHarbor(directory: string, release: string): Promise<HarborSource> {
  const read = (path: string) => readFileSync(join(directory, path), "utf8");
  const key = createHash("sha256")
    .update([release, read("src/go.sum"), read("api/v2.0/swagger.yaml")].join("\n"))
    .digest("hex")
    .slice(0, 12);
  const built = join(cacheRoot(), "harbor", key);
  const source = { directory, release };
  const programs = {
    core: join(built, "harbor_core"),
    jobservice: join(built, "harbor_jobservice"),
  };
  if (Object.values(programs).every((path) => existsSync(path))) return { ...source, ...programs };

  mkdirSync(built, { recursive: true });
  const scratch = mkdtempSync(join(built, "building-"));
  const go = (cwd: string, ...args: string[]) =>
    must(["go", ...args], {
      cwd: join(scratch, cwd),
      env: { CGO_ENABLED: "0", GOBIN: scratch, GOFLAGS: "-mod=mod -buildvcs=false" },
      timeoutSeconds: 3600,
    });
  try {
    for (const part of parts)
      cpSync(join(directory, part), join(scratch, part), { recursive: true });
    const [, swagger] = /^SWAGGER_VERSION=(\S+)$/m.exec(read("Makefile")) ?? [];
    await go(".", "install", `github.com/go-swagger/go-swagger/cmd/swagger@${swagger}`);
    await must(
      [
        ...[join(scratch, "swagger"), "generate", "server", "--exclude-main", "-A", "harbor"],
        ...["--template-dir=tools/swagger/templates", "-f", "api/v2.0/swagger.yaml"],
        ...["CVE", "GC", "OIDC"].map((word) => `--additional-initialism=${word}`),
        ...["--target", "src/server/v2.0"],
      ],
      { cwd: scratch, timeoutSeconds: 600 },
    );
    await go("src", "mod", "edit", `-replace=go.pinniped.dev=${join(__dirname, "pinniped")}`);
    const version = `-X github.com/goharbor/harbor/src/pkg/version.ReleaseVersion=${release}`;
    for (const [name, path] of Object.entries(programs)) {
      await go("src", "build", `-ldflags=-s -w ${version}`, "-o", join(scratch, name), `./${name}`);
      renameSync(join(scratch, name), path);
    }
    return { ...source, ...programs };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
