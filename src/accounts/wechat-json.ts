import { WECHAT_ID } from "../identity/id-patterns.ts";
import type { ProviderFailure } from "./account.ts";
import { refusalKind } from "./errcodes.ts";

/**
 * Reads what WeChat calls JSON: `text/plain`, errors under HTTP 200, nicknames with raw control bytes, lone
 * surrogates and invalid UTF-8 (protocol sheet §2.1, §3).
 */

/** No answer of `sns/*` is near this; more is not WeChat. */
export const ANSWER_MAX_BYTES = 65_536;

const lenientUtf8 = new TextDecoder("utf-8", { fatal: false, ignoreBOM: false });

/** An object, or `null` for whatever is none. Never throws. */
export function parseWechatJson(bytes: Uint8Array): Record<string, unknown> | null {
  if (bytes.length > ANSWER_MAX_BYTES) return null;
  // Raw control bytes are illegal in JSON strings and mean nothing outside of them.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control bytes are what is taken out here
  const text = lenientUtf8.decode(bytes).replace(/[\u0000-\u001f\u007f]/g, " ");
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === "object" && json !== null && !Array.isArray(json) ? (json as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** WeChat's refusal in an answer, or `null` if it is none. */
export function refusalIn(json: Record<string, unknown>): ProviderFailure | null {
  const errcode = typeof json.errcode === "string" ? Number(json.errcode) : json.errcode;
  if (errcode === undefined || errcode === 0) return null;
  if (typeof errcode !== "number" || !Number.isSafeInteger(errcode)) return { ok: false, kind: "rubbish" };
  const errmsg = typeof json.errmsg === "string" ? json.errmsg : "";
  const rid = /\b(?:rid|req_id):\s*([A-Za-z0-9_-]{4,64})/.exec(errmsg)?.[1] ?? null;
  return { ok: false, kind: refusalKind(errcode), errcode, rid };
}

/** A string field within bounds; `null` when absent, empty, too long or of another type. */
export function stringField(json: Record<string, unknown>, name: string, maxLength: number): string | null {
  const value = json[name];
  return typeof value === "string" && value !== "" && value.length <= maxLength ? value : null;
}

/** openid and unionid go into headers and keys: only the characters that WeChat uses. */
export function idField(json: Record<string, unknown>, name: string): string | null {
  const value = stringField(json, name, 128);
  return value !== null && WECHAT_ID.test(value) ? value : null;
}
