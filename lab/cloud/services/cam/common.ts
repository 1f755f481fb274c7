import { ApiError } from "../../errors";

const maxPageSize = 200;
const maxDescription = 1000;

/** One page of a result; pages of cam are counted from 1. @throws ApiError `InvalidParameter.ParamError` */
export function camPage<R>(records: R[], number: number, size: number): R[] {
  if (number < 1 || size < 1 || size > maxPageSize) {
    throw new ApiError(
      "InvalidParameter.ParamError",
      `Page is ${number} and Rp ${size}: Page starts at 1, Rp is 1 to ${maxPageSize}.`,
    );
  }
  return records.slice((number - 1) * size, number * size);
}

/** @throws ApiError with `code` for a name of a role or policy that cannot be. */
export function checkName(name: string, field: string, code: string): void {
  if (!/^[A-Za-z0-9+=,.@_-]{1,128}$/.test(name)) {
    throw new ApiError(
      code,
      `${field} is '${name}': 1 to 128 letters, digits and + = , . @ - _ are allowed.`,
    );
  }
}

/** @throws ApiError `InvalidParameter.DescriptionLengthOverlimit` */
export function checkDescription(text: string | undefined): void {
  if (text !== undefined && text.length > maxDescription) {
    throw new ApiError(
      "InvalidParameter.DescriptionLengthOverlimit",
      `Description has ${text.length} characters, at most ${maxDescription} are allowed.`,
    );
  }
}
