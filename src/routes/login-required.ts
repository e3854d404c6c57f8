import { canonicalHost } from "../gate/host.ts";
import { safeReturnPath } from "../gate/return-path.ts";
import { jsonAnswer } from "../respond.ts";
import type { Visit } from "../visit.ts";

/** 401 for what is no navigation: page code reads it and sends the visitor to `login_url`. */
export function loginRequired(visit: Visit, level: "login" | "profile", cookies: readonly string[]): Response {
  const scope = level === "profile" ? "&scope=profile" : "";
  const body = {
    code: "login_required",
    level,
    login_url: `/_wx/login?to=${encodeURIComponent(refererPath(visit))}${scope}`,
    request_id: visit.requestId,
  };
  return jsonAnswer(visit, 401, body, { cookies, headers: corsForAllowed(visit) });
}

/** The page that asked, if it is one of this host; else `/`. */
function refererPath(visit: Visit): string {
  const match = /^(https?):\/\/([^/?#\\]+)([^#]*)/i.exec(visit.request.headers.get("referer") ?? "");
  if (match === null || match[1]?.toLowerCase() !== visit.scheme) return "/";
  return canonicalHost(match[2] ?? "", visit.scheme) === visit.host ? safeReturnPath(match[3] || "/") : "/";
}

/** A page of an allowed origin may read why it was refused. */
function corsForAllowed(visit: Visit): Record<string, string> {
  const origin = visit.request.headers.get("origin");
  if (origin === null || !visit.site.allowedOrigins.has(origin)) return {};
  return { "Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true", Vary: "Origin" };
}
