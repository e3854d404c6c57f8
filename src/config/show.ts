/** Found values as they may stand in a message: short, on one line, and never a secret. */
import { escapeCharacter } from "../log.ts";

const MAX_SHOWN = 60;

/**
 * An AppSecret (32 hex digits), or a key or token: written in the wrong place it is still a secret. Whatever stands around
 * it: JSON puts the letter of an escape there (`\t`).
 */
const LOOKS_SECRET = /[0-9a-f]{32,}|[A-Za-z0-9_-]{43,}/gi;

/** Control, direction and zero-width characters that JSON leaves as they are. */
const INVISIBLE = /[\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

function asText(value: unknown): string {
  if (value === undefined) return "not set";
  try {
    return JSON.stringify(value) ?? typeof value;
  } catch {
    return typeof value; // a cycle or a bigint
  }
}

/** Hides what looks like a secret. */
export function hideSecretLooking(text: string): string {
  return text.replace(LOOKS_SECRET, (match) => `(${match.length} characters, not shown)`);
}

/** A value for a message; `hide` removes what is known to be secret, before the text is shortened. */
export function show(value: unknown, hide: (text: string) => string = (text) => text): string {
  const safe = hideSecretLooking(hide(asText(value))).replace(INVISIBLE, escapeCharacter);
  const chars = [...safe];
  return chars.length <= MAX_SHOWN ? safe : `${chars.slice(0, MAX_SHOWN - 1).join("")}…`;
}

/** `SITES[0]` and `headers`, `X-A` → `SITES[0].headers["X-A"]`. */
export function joinKey(base: string, path: readonly (string | number)[]): string {
  let key = base;
  for (const step of path) {
    if (typeof step === "number") key += `[${step}]`;
    else if (/^[A-Za-z_]\w*$/.test(step)) key += key === "" ? step : `.${step}`;
    else key += `[${show(step)}]`;
  }
  return key;
}
