import { fromBase64Url, utf8Text } from "../encoding.ts";
import { canonicalHost } from "../gate/host.ts";
import { safeReturnPath } from "../gate/return-path.ts";
import { STATE } from "./attempt.ts";

/** What WeChat's redirect carries, checked before anything is done with it (design 7.3a). */
export type CallbackParameters = {
  state: string;
  /** `null` = none, or `authdeny`: the visitor refused. */
  code: string | null;
  /** HOST of the site that the login was started on, when the callback host is another. */
  site: string | null;
  /** Untrusted hint, already made safe; used only when the cookie of the attempt or its marker is lost. */
  returnTo: string;
};

/** WeChat's codes have 32 characters; WeCom's documents promise at most 512. */
const CODE = /^[A-Za-z0-9_-]{1,512}$/;
const KNOWN = ["state", "code", "site", "r"] as const;

/** `null` = malformed: state, code, or any parameter given twice. */
export function parseCallback(search: string, scheme: "https" | "http"): CallbackParameters | null {
  const parameters = new URLSearchParams(search);
  const names = [...parameters.keys()];
  if (new Set(names).size !== names.length) return null;
  const [state, code, site, returnHint] = KNOWN.map((name) => parameters.get(name));
  if (!state || !STATE.test(state)) return null;
  const refused = !code || code === "authdeny";
  if (!refused && !CODE.test(code)) return null;
  const siteHost = site ? canonicalHost(site, scheme) : null;
  if (site && siteHost === null) return null;
  return { state, code: refused ? null : code, site: siteHost, returnTo: decodeReturnHint(returnHint ?? null) };
}

function decodeReturnHint(hint: string | null): string {
  const bytes = hint === null ? null : fromBase64Url(hint);
  if (bytes === null) return "/";
  try {
    return safeReturnPath(utf8Text(bytes));
  } catch {
    return "/"; // no UTF-8
  }
}
