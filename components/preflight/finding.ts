import { explainCode } from "../errors/cloudErrors";
import type { Refusal } from "./facts";

/** What one check found. */
export interface Finding {
  /** What was checked, in the reader's terms: `zone ap-guangzhou-3`. */
  check: string;
  /** `warning`: may go wrong, or could not be checked. `failed`: would go wrong. */
  result: "ok" | "warning" | "failed";
  found: string;
  /** What to do; empty when it is ok. */
  fix: string;
}

export function ok(check: string, found: string): Finding {
  return { check, result: "ok", found, fix: "" };
}

export function failed(check: string, found: string, fix: string): Finding {
  return { check, result: "failed", found, fix };
}

export function warning(check: string, found: string, fix: string): Finding {
  return { check, result: "warning", found, fix };
}

/** A call that was refused, with what its code means. */
export function refusedFinding(
  check: string,
  { action, code, message }: Refusal,
  result: "warning" | "failed",
): Finding {
  const known = explainCode(code || "ClientError");
  const found = [
    `${action} answered ${code || "nothing"}`,
    known?.message,
    message.replace(/\.$/, ""),
  ]
    .filter((part) => part !== undefined && part !== "")
    .join(": ");
  const what = isPermission(code) ? `Grant ${action} in CAM` : known?.fix;
  return { check, result, found, fix: what ?? "Look the code up in the API's documentation" };
}

/** Whether a code says that the credentials are good but lack a permission. */
export function isPermission(code: string): boolean {
  return /^UnauthorizedOperation\b/.test(code) || code === "AuthFailure.UnauthorizedOperation";
}
