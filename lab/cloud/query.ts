import { ApiError } from "./errors";

export interface Filter {
  Name: string;
  Values: string[];
}

/** How a record answers a filter: the value or values it has under that name. */
export type FilterFields<R> = Record<string, (record: R) => string | string[]>;

export interface QueryRules {
  /** Code for a filter name the action does not know. */
  unknownFilter: string;
  /** Code for a Limit or Offset that cannot be. */
  badPage: string;
  /** Most filters in a call; default 10. */
  maxFilters?: number;
  /** Most values of a filter; default 100. */
  maxValues?: number;
  /** Largest page; default 100. */
  maxLimit?: number;
}

export const vpcRules: QueryRules = {
  unknownFilter: "InvalidParameter.FilterInvalidKey",
  badPage: "InvalidParameterValue.Range",
};
export const cvmRules: QueryRules = {
  unknownFilter: "InvalidFilter",
  badPage: "InvalidParameterValue.LimitExceeded",
  maxValues: 5,
};
export const cbsRules: QueryRules = {
  unknownFilter: "InvalidFilter",
  badPage: "InvalidParameterValue",
};

/**
 * Keeps the records that match: values of one filter are alternatives, filters add up. `tags` answers `tag:<key>` and `tag-key`.
 * @throws ApiError when a filter is not one of the action's.
 */
export function applyFilters<R>(
  records: R[],
  filters: Filter[] | undefined,
  fields: FilterFields<R>,
  rules: QueryRules,
  tags?: (record: R) => Record<string, string>,
): R[] {
  checkBounds(filters ?? [], rules);
  return (filters ?? []).reduce((kept, filter) => {
    const tagKey = /^tag:(.+)$/.exec(filter.Name)?.[1];
    const field =
      (Object.hasOwn(fields, filter.Name) ? fields[filter.Name] : undefined) ??
      (tags && tagKey !== undefined ? (r: R) => tags(r)[tagKey] ?? [] : undefined) ??
      (tags && filter.Name === "tag-key" ? (r: R) => Object.keys(tags(r)) : undefined);
    if (!field) {
      const known = [...Object.keys(fields), ...(tags ? ["tag:<key>", "tag-key"] : [])];
      throw new ApiError(
        rules.unknownFilter,
        `The filter '${filter.Name}' is not supported; use one of: ${known.join(", ")}.`,
      );
    }
    return kept.filter((record) =>
      [field(record)].flat().some((value) => filter.Values.includes(value)),
    );
  }, records);
}

function checkBounds(filters: Filter[], { maxFilters = 10, maxValues = 100 }: QueryRules): void {
  const long = filters.find((each) => each.Values.length > maxValues);
  if (filters.length > maxFilters || long) {
    throw new ApiError(
      "InvalidParameterValue.LimitExceeded",
      long
        ? `The filter '${long.Name}' has ${long.Values.length} values, at most ${maxValues} are allowed.`
        : `There are ${filters.length} filters, at most ${maxFilters} are allowed.`,
    );
  }
}

/** An id list and Filters exclude each other. */
export function refuseBoth(ids: unknown[] | undefined, filters: unknown[] | undefined): void {
  if (ids?.length && filters?.length) {
    throw new ApiError(
      "InvalidParameter.Coexist",
      "A list of ids and Filters cannot be given together.",
    );
  }
}

/**
 * One page of a result. Offset and Limit are strings in some actions of vpc, numbers elsewhere.
 * @throws ApiError when either is out of range.
 */
export function page<R>(
  records: R[],
  offset: number | string | undefined,
  limit: number | string | undefined,
  rules: QueryRules,
): R[] {
  const start = pageNumber("Offset", offset ?? 0, 0, Number.MAX_SAFE_INTEGER, rules);
  const size = pageNumber("Limit", limit ?? 20, 1, rules.maxLimit ?? 100, rules);
  return records.slice(start, start + size);
}

function pageNumber(
  name: string,
  value: number | string,
  min: number,
  max: number,
  rules: QueryRules,
): number {
  const number = typeof value === "number" ? value : /^\d+$/.test(value) ? Number(value) : NaN;
  if (!(number >= min && number <= max)) {
    throw new ApiError(rules.badPage, `${name} is '${value}', it must be ${min} to ${max}.`);
  }
  return number;
}
