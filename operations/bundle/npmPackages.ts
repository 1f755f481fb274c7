/** What `package-lock.json` says of one directory. */
interface LockedPackage {
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
  /** Systems and processors it is for. @default any */
  os?: string[];
  cpu?: string[];
}

/** `package-lock.json`, as far as it is read here. */
export interface Lock {
  /** By directory: "" is the checkout, `policy` a workspace, `node_modules/tar` a package. */
  packages: Record<string, LockedPackage>;
}

/** Packages that the program or a workspace asks for by name. */
export interface Asked {
  /** Directory of who asks: "" or a workspace. */
  by: string;
  /** @default its dependencies and peer dependencies */
  names?: readonly string[];
}

/**
 * Directories of the packages that are needed at run time, sorted: what is asked for, and what that depends on. Pure.
 *
 * @throws Error when the lock has no place for one that is not optional.
 */
export function packagesOf({ packages }: Lock, asked: readonly Asked[]): string[] {
  const found = new Set<string>();
  const visit = (from: string, name: string, optional: boolean): void => {
    const directory = placeOf(packages, from, name);
    // What is for another system is locked as well, but nowhere installed.
    if (optional && directory !== undefined && !isForBundles(packages[directory])) return;
    if (directory === undefined) {
      if (optional) return;
      throw new Error(
        `package-lock.json has no ${name}, which ${from || "the checkout"} asks for: run npm install`,
      );
    }
    if (found.has(directory)) return;
    found.add(directory);
    visitAll(directory);
  };
  const visitAll = (from: string): void => {
    const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } =
      packages[from] ?? {};
    const peers = Object.keys(peerDependencies ?? {}).filter(
      (name) => peerDependenciesMeta?.[name]?.optional !== true,
    );
    for (const name of [...Object.keys(dependencies ?? {}), ...peers]) visit(from, name, false);
    for (const name of Object.keys(optionalDependencies ?? {})) visit(from, name, true);
  };
  for (const { by, names } of asked) {
    if (names === undefined) visitAll(by);
    else for (const name of names) visit(by, name, false);
  }
  return [...found].sort();
}

const isForBundles = ({ os = ["linux"], cpu = ["x64"] }: LockedPackage = {}): boolean =>
  os.includes("linux") && cpu.includes("x64");

/** Where Node.js finds a package for who is in `from`: in its own node_modules, or the nearest above. */
function placeOf(packages: Lock["packages"], from: string, name: string): string | undefined {
  for (let at: string | undefined = from; at !== undefined; at = above(at)) {
    const candidate = `${at === "" ? "" : `${at}/`}node_modules/${name}`;
    if (candidate in packages) return candidate;
  }
  return undefined;
}

/** `a/node_modules/b` -> `a`; a package or workspace of the checkout -> ""; nothing is above that. */
function above(directory: string): string | undefined {
  if (directory === "") return undefined;
  const cut = directory.lastIndexOf("/node_modules/");
  return cut < 0 ? "" : directory.slice(0, cut);
}
