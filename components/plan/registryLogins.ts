import { z } from "zod";
import { type ClusterConfig } from "./schema";
import { ClusterConfigError, type Problem, show } from "./problems";
import { registry } from "./values/hosts";

const login = z.strictObject({
  username: z.string().regex(/^[^:\s]+$/, "a name without colons and blanks"),
  password: z.string().min(1, "a password, or a token"),
});

/** How nodes log in to a container registry. */
export type RegistryLogin = z.output<typeof login>;

/** Logins by registry: `harbor.example.com`, `docker.io`. */
export type RegistryLogins = Readonly<Record<string, RegistryLogin>>;

/**
 * Reads logins.
 * @throws ClusterConfigError with what is wrong with them; no value of a login is in it.
 */
export function parseRegistryLogins(
  input: Readonly<Record<string, unknown>>,
  config: Pick<ClusterConfig, "sources">,
): RegistryLogins {
  const problems = Object.entries(input).flatMap(([name, value]): Problem[] => {
    const at = (problem: Omit<Problem, "path">) => ({ path: `registryLogins.${name}`, ...problem });
    const named = registry.safeParse(name);
    if (!named.success)
      return [at({ message: `got ${show(name)}`, fix: `Use ${messageOf(named.error)}` })];
    if (name === ownRegistry(config))
      return [
        at({
          message: "sources.imageRepository is in it, and hosts pull from there before they log in",
          fix: "Let the repository of the cluster's own images be read without a login, and take it out",
        }),
      ];
    const read = login.safeParse(value);
    if (read.success) return [];
    return [
      at({
        message: `${read.error.issues[0]?.path.join(".") || "it"} is not as it has to be`,
        fix: `Give it a username, which has no colon and no blank, and a password, and nothing else`,
      }),
    ];
  });
  if (problems.length > 0) throw new ClusterConfigError(problems);
  return input as RegistryLogins;
}

/** Registry of the images that a mirror of one's own has for the cluster. */
function ownRegistry({ sources }: Pick<ClusterConfig, "sources">): string | undefined {
  return sources.kind === "mirror" ? sources.imageRepository.split("/")[0] : undefined;
}

function messageOf(error: z.ZodError): string {
  return error.issues.map(({ message }) => message).join("; ");
}
