import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";

import { ApiError } from "../errors";
import type { ObjectSchema, ServiceModels } from "./compact";
import { notRequired } from "./exceptions";

/** The official model of one action. */
export interface ActionModel {
  /**
   * Checks the fields of a request at every depth.
   * @throws ApiError `UnknownParameter`, `InvalidParameter` (wrong type) or `MissingParameter`, in this order.
   */
  checkRequest(body: unknown): void;
  /**
   * Checks that a response has every field of the model, none beside them, each of its type. Only an object within it may be null.
   * @throws Error telling what is wrong, which is a bug of the lab.
   */
  checkResponse(response: unknown): void;
}

/** The definitions of one service, as kept in `<service>.json`. @throws Error when there are none. */
export function readModels(service: string): ServiceModels {
  const file = join(__dirname, `${service}.json`);
  if (!existsSync(file)) {
    throw new Error(`${file} is missing: run tsx lab/cloud/models/generate.ts`);
  }
  return JSON.parse(readFileSync(file, "utf8")) as ServiceModels;
}

/** What a response must be like: the model with all fields required, since clients dereference them without asking. */
function full(schema: ObjectSchema): object {
  const properties = Object.entries(schema.properties).map(([name, field]) => [
    name,
    "$ref" in field ? { anyOf: [field, { type: "null" }] } : field,
  ]);
  return {
    ...schema,
    properties: Object.fromEntries(properties) as object,
    required: Object.keys(schema.properties),
  };
}

/** Compiled on first use: a process calls few of the actions. */
class Models {
  private readonly ajv = new Ajv({ allErrors: true, verbose: true });
  private readonly known = new Map<string, ValidateFunction>();
  private readonly defs: Readonly<Record<string, ObjectSchema>>;

  constructor(private readonly service: string) {
    this.defs = readModels(service).$defs;
    const responses = Object.entries(this.defs).map(([name, schema]) => [name, full(schema)]);
    const requests = Object.entries(this.defs).map(([name, schema]) => {
      const exceptions = notRequired[service]?.[name] ?? [];
      const required = schema.required.filter((field) => !exceptions.includes(field));
      return [name, { ...schema, required }];
    });
    this.ajv.addSchema({ $id: "request", $defs: Object.fromEntries(requests) as object });
    this.ajv.addSchema({ $id: "response", $defs: Object.fromEntries(responses) as object });
  }

  action(name: string): ActionModel {
    for (const part of ["Request", "Response"]) {
      if (!this.defs[`${name}${part}`]) {
        throw new Error(
          `there is no model of ${this.service} ${name}: run tsx lab/cloud/models/generate.ts`,
        );
      }
    }
    return {
      checkRequest: (body) => {
        const validate = this.compiled("request", `${name}Request`);
        if (!validate(body)) {
          throw requestError(validate.errors ?? []);
        }
      },
      checkResponse: (response) => {
        const validate = this.compiled("response", `${name}Response`);
        if (!validate(response)) {
          const wrong = (validate.errors ?? []).filter((each) => each.keyword !== "anyOf");
          throw new Error(
            `the answer of ${this.service} ${name} breaks the official model: ${wrong.map(describe).join("; ")}`,
          );
        }
      },
    };
  }

  private compiled(side: "request" | "response", object: string): ValidateFunction {
    const pointer = `${side}#/$defs/${object}`;
    const validate = this.known.get(pointer) ?? this.ajv.compile({ $ref: pointer });
    this.known.set(pointer, validate);
    return validate;
  }
}

const services = new Map<string, Models>();

/** The model of an action. @throws Error when it has none. */
export function actionModel(service: string, action: string): ActionModel {
  const models = services.get(service) ?? new Models(service);
  services.set(service, models);
  return models.action(action);
}

/** Path of the field an error is about, as the API writes it: `Filters.0.Name`. */
function fieldOf(error: ErrorObject): string {
  const params = error.params as { additionalProperty?: string; missingProperty?: string };
  const own = params.additionalProperty ?? params.missingProperty;
  return [...error.instancePath.split("/").slice(1), own ?? []].flat().join(".");
}

function typeOf(value: unknown): string {
  return value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
}

function describe(error: ErrorObject): string {
  const field = fieldOf(error);
  switch (error.keyword) {
    case "additionalProperties":
      return `${field} is not in it`;
    case "required":
      return `${field} is missing`;
    default:
      return `${field} is ${typeOf(error.data)}, not ${String((error.params as { type?: unknown }).type)}`;
  }
}

function requestError(errors: ErrorObject[]): ApiError {
  const of = (keyword: string): ErrorObject | undefined =>
    errors.find((each) => each.keyword === keyword);
  const unknown = of("additionalProperties");
  if (unknown) {
    return new ApiError(
      "UnknownParameter",
      `The parameter \`${fieldOf(unknown)}\` is not recognized.`,
    );
  }
  const wrong = of("type");
  if (wrong) {
    const { type } = wrong.params as { type: string };
    return new ApiError(
      "InvalidParameter",
      `The value type of parameter \`${fieldOf(wrong)}\` is not valid: ${type} expected, ${typeOf(wrong.data)} sent.`,
    );
  }
  const missing = errors[0] as ErrorObject;
  return new ApiError(
    "MissingParameter",
    `The request is missing the parameter \`${fieldOf(missing)}\`.`,
  );
}
