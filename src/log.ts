import type { ProblemCode } from "./api/problems.ts";
import type { FailureCode } from "./errors.ts";

/**
 * One JSON line per login, failure, sign-out and configuration error. The type is the allow-list: there is no field
 * for a token, code, secret, openid, path or user agent, so none can get in.
 */
export type LogEvent = {
  event: "login" | "renewal" | "failure" | "sign_out" | "config_error" | "would" | "bug" | "cron";
  level?: "info" | "warn" | "error";
  site?: string;
  code?: FailureCode | ProblemCode;
  /** WeChat's own number, and the request id in its errmsg, for its support. */
  errcode?: number;
  rid?: string;
  request_id?: string;
  duration_ms?: number;
  /** First 8 characters of a keyed HMAC of the openid: tells two people apart, names nobody. */
  who?: string;
  amr?: "silent" | "consent";
  new_user?: boolean;
  twin?: boolean;
  /** In observe mode: what would have happened. */
  would?: string;
  /** For operators: the doctor's text, or an exception's name and place. */
  detail?: string;
  counts?: Record<string, number>;
};

/** As JSON would escape it: `\u009b`. */
export const escapeCharacter = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** What `JSON.stringify` leaves: DEL, C1 controls (0x9B starts a terminal sequence) and the line separators of Unicode. */
const LEFT_UNESCAPED = /[\u007f-\u009f\u2028\u2029]/g;

/** Control characters are escaped, so that no value can begin a line of its own or move a terminal's cursor. */
export function log(version: string, event: LogEvent): void {
  const { level = "info", ...fields } = event;
  const line = JSON.stringify({ time: new Date().toISOString(), level, version, ...fields }).replace(
    LEFT_UNESCAPED,
    escapeCharacter,
  );
  if (level === "error") console.error(line);
  else if (level === "warn") console.warn(line);
  else console.log(line);
}
