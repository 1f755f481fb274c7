/**
 * Errors of the cloud's API: a code of the real API and a message for people.
 * HTTP status is 200 for all of them, as in the real API.
 */
export class ApiError extends Error {
  constructor(
    /** Code of the real API, e.g. `InvalidParameterValue.Malformed`. */
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

/** The request names something of a well-formed id that does not exist (services vpc and cbs). */
export function resourceNotFound(id: string): ApiError {
  return new ApiError("ResourceNotFound", `The resource '${id}' does not exist.`);
}

/** A stop for conditions that only a bug of the lab can cause; answered as `InternalError`. */
export function internalError(message: string): ApiError {
  return new ApiError("InternalError", message);
}

/** Undoes the transaction of a dry run that would have succeeded; answered as a success without ids. */
export class DryRunPassed extends Error {}
