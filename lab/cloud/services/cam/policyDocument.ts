import { ApiError } from "../../errors";

type Json = Record<string, unknown>;

const maxDocumentLength = 6144;

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fail(code: string, message: string): never {
  throw new ApiError(`InvalidParameter.${code}`, message);
}

/** A string or a list of them, as a list; undefined when it is neither. */
function list(value: unknown): string[] | undefined {
  const values: unknown[] = [value].flat();
  const good = values.length > 0 && values.every((each) => typeof each === "string" && each !== "");
  return good ? (values as string[]) : undefined;
}

/** What every policy document has. `notJson` is the code for what cannot be read at all; it differs between actions. */
function parseDocument(text: string, notJson: string): { document: Json; statements: Json[] } {
  if (text.length > maxDocumentLength) {
    fail(
      "PolicyDocumentLengthOverLimit",
      `PolicyDocument has ${text.length} characters, at most ${maxDocumentLength} are allowed.`,
    );
  }
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    fail(notJson, `PolicyDocument is not JSON: ${(error as Error).message}.`);
  }
  if (!isObject(document)) {
    fail(notJson, "PolicyDocument must be a JSON object.");
  }
  if (document["version"] !== "2.0") {
    fail("VersionError", `version is '${String(document["version"])}', it must be "2.0".`);
  }
  const statements = document["statement"];
  if (!Array.isArray(statements) || statements.length === 0 || !statements.every(isObject)) {
    fail("StatementError", "statement must be a list of one object or more.");
  }
  statements.forEach(checkStatement);
  return { document, statements };
}

function checkStatement(statement: Json): void {
  const effect = statement["effect"];
  if (effect !== "allow" && effect !== "deny") {
    fail("EffectError", `effect is '${String(effect)}', it must be "allow" or "deny".`);
  }
  if (statement["action"] === undefined) {
    fail("ActionMiss", "A statement has no action.");
  }
  const wrong = list(statement["action"])?.find(
    (each) => !/^(\*|(name\/)?[a-z0-9]+:[A-Za-z0-9*]+)$/.test(each),
  );
  if (wrong !== undefined || !list(statement["action"])) {
    fail("ActionError", `action '${wrong ?? ""}' is not of the form "service:Action" or "*".`);
  }
  const condition = statement["condition"];
  if (condition !== undefined && !isObject(condition)) {
    fail("ConditionError", "condition must be an object.");
  }
}

/**
 * Checks a policy of permissions and gives it the form the API answers: actions and resources as lists.
 * @throws ApiError `InvalidParameter.*` for the first rule it breaks.
 */
export function permissionDocument(text: string): string {
  const { document, statements } = parseDocument(text, "PolicyDocumentError");
  const statement = statements.map((each) => {
    if (each["principal"] !== undefined) {
      fail("PrincipalError", "A policy of permissions has no principal; a role's document has.");
    }
    const resource = list(each["resource"]);
    if (!resource) {
      fail("ResourceError", 'A statement has no resource; give ["*"] or a list of qcs:: names.');
    }
    const wrong = resource.find((name) => name !== "*" && name.split(":").length < 6);
    if (wrong !== undefined) {
      fail(
        "ResourceContentError",
        `resource '${wrong}' is not "*" or of the form qcs::service:region:account:resource.`,
      );
    }
    return { ...each, action: list(each["action"]), resource };
  });
  return JSON.stringify({ ...document, statement });
}

/**
 * Checks the document that says who may take on a role.
 * @throws ApiError `InvalidParameter.*` for the first rule it breaks.
 */
export function trustDocument(text: string): string {
  const { statements } = parseDocument(text, "ParamError");
  for (const { principal } of statements) {
    const named = isObject(principal)
      ? ["service", "qcs", "federated"].flatMap((kind) => list(principal[kind]) ?? [])
      : [];
    if (named.length === 0) {
      fail("PrincipalError", "A statement has no principal: name a service or an account (qcs).");
    }
  }
  return text;
}
