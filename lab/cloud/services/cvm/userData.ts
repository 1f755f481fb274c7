import { ApiError } from "../../errors";

/** Longest user data, in characters of base64. */
const maxUserDataLength = 16 * 1024;

/** @throws ApiError when user data is too long or not base64. */
export function checkUserData(userData: string): void {
  if (userData.length > maxUserDataLength) {
    throw new ApiError(
      "InvalidParameterValue.LimitExceeded",
      `UserData is ${userData.length} characters of base64, at most ${maxUserDataLength} are allowed; fetch the rest from the host.`,
    );
  }
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(userData) || userData.length % 4 !== 0) {
    throw new ApiError("InvalidParameterValue.InvalidUserDataFormat", "UserData is not base64.");
  }
}
