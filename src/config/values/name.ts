/** Names of Worker secrets and bindings. */
import { complain, type Read } from "../complaint.ts";

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

/** wxgate's own variables and secrets: naming one where another is meant is always a slip. */
const TAKEN = /^(GATEWAY_SECRET|ASSERTION_KEYS|API_KEYS|DEFAULTS|SITES(_[2-9])?|WECHAT_(OPEN|API)_URL|DB|TOKENS)$/;

/** Reads the name of a Worker secret; recognises a secret written in the name's place. */
export function readSecretName(name: string): Read<string> {
  if (/^\s*[0-9a-f]{32}\s*$|[A-Za-z0-9_-]{43,}/i.test(name)) {
    return complain(
      "looks like the secret itself",
      "Write its NAME, set the value with `npx wrangler secret put NAME`, and reset at WeChat what stood here.",
    );
  }
  if (!IDENTIFIER.test(name)) {
    return complain("is no name of a Worker secret", "Use letters, digits and _: WECHAT_APP_SECRET.");
  }
  if (TAKEN.test(name)) return complain("names one of wxgate's own settings", "Name a secret of its own.");
  return name;
}

/** Reads the name of a binding. */
export function readBindingName(name: string): Read<string> {
  if (IDENTIFIER.test(name)) return name;
  return complain("is no name of a binding", "Use letters, digits and _, as in wrangler.toml: binding:SHOP.");
}
