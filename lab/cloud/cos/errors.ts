/** An error of the object storage: HTTP status, code and message. */
export class CosError extends Error {
  constructor(
    readonly status: number,
    /** Code of the real service, e.g. `NoSuchBucket`. */
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = "CosError";
  }
}

/** Codes of errors that other parts of the cloud order or throw, with the status they have here. */
const statusOf: Record<string, number> = {
  InternalError: 500,
  RequestLimitExceeded: 503,
  ServiceUnavailable: 503,
  SlowDown: 503,
};

/** The error that an ordered fault stands for. */
export function faultError(code: string, message: string): CosError {
  return new CosError(statusOf[code] ?? 400, code, message);
}

export function invalidArgument(message: string): CosError {
  return new CosError(400, "InvalidArgument", message);
}
