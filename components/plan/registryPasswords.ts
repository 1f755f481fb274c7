import { z } from "zod";
import { ClusterConfigError, type Problem } from "./problems";
import { type ClusterConfig } from "./schema";

const printable = /^[!-~]+$/;

const passwords = z.strictObject({
  // Harbor puts it into a connection string as it is.
  database: z
    .string()
    .regex(/^[^\s'"\\]+$/)
    .regex(printable),
  redis: z.string().regex(printable).optional(),
});

/** Passwords of what a registry of kind `harbor` keeps its data in. */
export type RegistryPasswords = z.output<typeof passwords>;

const path = "registryPasswords";

/**
 * Whether passwords are given where there is something that they are for, and nowhere else.
 * @param given Whether there are any; what they are may not be known yet.
 */
export function registryPasswordProblems(
  { registry }: Pick<ClusterConfig, "registry">,
  given: boolean,
): Problem[] {
  const wanted = registry?.kind === "harbor";
  if (wanted === given) return [];
  return [
    wanted
      ? {
          path,
          message: "is missing, but there is a registry of kind harbor, with a database",
          fix: "Set registryPasswords.database of the stack, as a secret, and registryPasswords.redis if Redis has a password",
        }
      : {
          path,
          message: "got passwords, but there is no registry of kind harbor that they could be for",
          fix: "Take them out",
        },
  ];
}

/**
 * Reads passwords.
 * @throws ClusterConfigError with what is wrong with them; no value of one is in it.
 */
export function parseRegistryPasswords(input: unknown): RegistryPasswords {
  const read = passwords.safeParse(input);
  if (read.success) return read.data;
  const fields = new Set(read.error.issues.map((issue) => issue.path.join(".")));
  throw new ClusterConfigError(
    [...fields].map((field) => ({
      path: field === "" ? path : `${path}.${field}`,
      message: "is not as it has to be",
      fix: "Give a database and, if Redis has one, a redis, each a text of printable ASCII without blanks, the database's without quotes and backslashes as well, and nothing else",
    })),
  );
}
