/** Who sent the request, as far as the request itself tells. It picks a flow, it never grants anything. */

/** `wechat`: the authorize page can work there. WeCom also says MicroMessenger, but it cannot. */
export type Client = "wechat" | "outside";
export type RequestKind = "navigation" | "preflight" | "websocket" | "other";

export function clientOf(headers: Headers): Client {
  const userAgent = headers.get("user-agent") ?? "";
  return /micromessenger/i.test(userAgent) && !/wxwork/i.test(userAgent) ? "wechat" : "outside";
}

export function requestKindOf(method: string, headers: Headers): RequestKind {
  if (headers.get("upgrade")?.toLowerCase() === "websocket") return "websocket";
  const verb = method.toUpperCase();
  if (verb === "OPTIONS" && headers.has("origin") && headers.has("access-control-request-method")) return "preflight";
  return (verb === "GET" || verb === "HEAD") && isNavigation(headers) ? "navigation" : "other";
}

/**
 * Top-level navigation: Sec-Fetch says so, or where it is not sent, Accept has text/html and X-Requested-With is not
 * exactly `XMLHttpRequest` (Android WeChat sends `com.tencent.mm` there on every request).
 */
function isNavigation(headers: Headers): boolean {
  const mode = headers.get("sec-fetch-mode");
  const destination = headers.get("sec-fetch-dest");
  if (mode !== null || destination !== null) {
    return (mode === null || mode === "navigate") && (destination === null || destination === "document");
  }
  return (headers.get("accept") ?? "").includes("text/html") && !isScript(headers);
}

/** A page's script, image or frame, by the browser's own word: whoever says nothing may have typed the address. */
export function isPartOfPage(headers: Headers): boolean {
  const destination = headers.get("sec-fetch-dest");
  return isScript(headers) || (destination !== null && destination !== "document");
}

function isScript(headers: Headers): boolean {
  return headers.get("x-requested-with") === "XMLHttpRequest";
}
