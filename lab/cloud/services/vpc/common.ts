import { ApiError } from "../../errors";

/** Time as the services vpc and cbs write it: `2026-01-31 12:00:00`. */
export function apiTime(iso: string): string {
  return iso.slice(0, 19).replace("T", " ");
}

/** @throws ApiError when a name is empty or longer than 60 characters. */
export function requireName(field: string, name: string): void {
  if (name === "") {
    throw new ApiError("InvalidParameterValue.Empty", `\`${field}\` must not be empty.`);
  }
  if (name.length > 60) {
    throw new ApiError(
      "InvalidParameterValue.TooLong",
      `\`${field}\` is longer than 60 characters.`,
    );
  }
}
