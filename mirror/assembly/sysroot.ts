import {
  copyFile,
  mkdir,
  readFile,
  readdir,
  realpath,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import { must } from "../../lab/process";

const libraryDirectories = ["lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu"] as const;
const loaderName = "ld-linux-x86-64.so.2";
const loaderPath = `/lib64/${loaderName}`;

/**
 * Unpacks packages into a Debian file system that nothing is installed in: programs, libraries, certificates.
 * No maintainer script runs.
 */
export async function extractSysroot(debs: string[], sysroot: string): Promise<void> {
  await mkdir(sysroot, { recursive: true });
  for (const deb of debs) await must(["dpkg-deb", "--extract", deb, sysroot]);
  // The package's link is absolute and would lead to this machine's loader.
  await rm(join(sysroot, loaderPath));
  await symlink(join("..", libraryDirectories[0], loaderName), join(sysroot, loaderPath));
  await writeFile(join(sysroot, "ca-certificates.crt"), await certificateBundle(sysroot));
}

/** What the ca-certificates package's own script would write to /etc/ssl/certs/ca-certificates.crt. */
async function certificateBundle(sysroot: string): Promise<string> {
  const directory = join(sysroot, "usr/share/ca-certificates/mozilla");
  const names = (await readdir(directory)).filter((name) => name.endsWith(".crt")).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(directory, name), "utf8")));
  return texts.map((text) => text.trimEnd() + "\n").join("");
}

/**
 * Copies programs of the sysroot, and whole directories of plug-ins, with every shared library these ask for.
 * @param programs absolute path in the sysroot -> absolute path below `destination`
 * @throws Error naming the program and the library that the sysroot lacks
 */
export async function copyWithLibraries(
  sysroot: string,
  programs: Record<string, string>,
  plugins: string[],
  destination: string,
): Promise<void> {
  const wanted = new Set<string>();
  const add = async (file: string): Promise<void> => {
    for (const library of await librariesOf(sysroot, file)) wanted.add(library);
  };
  for (const [source, target] of Object.entries(programs)) {
    await add(join(sysroot, source));
    await copyInto(join(sysroot, source), join(destination, target));
  }
  for (const directory of plugins) {
    for (const name of await readdir(join(sysroot, directory))) {
      const file = join(sysroot, directory, name);
      if (name.endsWith(".so")) await copyInto(file, join(destination, directory, name));
    }
  }
  for (const library of wanted) {
    await copyInto(join(sysroot, library), join(destination, library));
  }
}

/** Libraries of one program as paths in the sysroot, the loader among them; found by the sysroot's own loader. */
async function librariesOf(sysroot: string, file: string): Promise<string[]> {
  const output = await runInSysroot(sysroot, ["--list", file]);
  const missing = /^\s*(\S+) => not found/m.exec(output);
  if (missing) throw new Error(`${file} needs ${missing[1]}, which no unpacked package has`);
  const libraries = [...output.matchAll(/=> (\/\S+) \(0x/g)].map((match) => match[1] ?? "");
  return [
    loaderPath,
    ...libraries
      .filter((path) => path.startsWith(sysroot))
      .map((path) => path.slice(sysroot.length)),
  ];
}

/** Lets the sysroot's loader act on `args`, with the sysroot's libraries and none of the machine's. */
async function runInSysroot(sysroot: string, args: string[], cwd?: string): Promise<string> {
  const path = libraryDirectories.map((directory) => join(sysroot, directory)).join(":");
  const command = [join(sysroot, loaderPath), "--library-path", path, ...args];
  return (await must(command, { cwd, timeoutSeconds: 120 })).stdout;
}

/** Runs a program of the sysroot on this machine. */
export function runSysrootProgram(
  sysroot: string,
  program: string,
  args: string[],
  cwd?: string,
): Promise<string> {
  return runInSysroot(sysroot, [join(sysroot, program), ...args], cwd);
}

/** Copies the file behind a link under the link's name: an image carries each library once, without versions beside it. */
async function copyInto(source: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  await copyFile(await realpath(source), target);
}
