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
 * exactly `XMLHttpRequest` (Android WeChat sends `com.tencent.mm` there on every request). What is fetched ahead of a tap
 * that may never come (`Sec-Purpose: prefetch`, `prefetch;prerender`) is none.
 */
function isNavigation(headers: Headers): boolean {
  if (isPrefetch(headers)) return false;
  const mode = headers.get("sec-fetch-mode");
  if (mode !== null || headers.has("sec-fetch-dest"))
    return (mode ?? "navigate") === "navigate" && isForDocument(headers);
  return (headers.get("accept") ?? "").includes("text/html") && !isScript(headers);
}

/** A service worker that passes a navigation on leaves its mode, which no script can set, and empties its destination. */
function isForDocument(headers: Headers): boolean {
  const destination = headers.get("sec-fetch-dest") ?? "document";
  return destination === "document" || (destination === "empty" && headers.get("sec-fetch-mode") === "navigate");
}

/** A page's script, image, frame or prefetch, by the browser's own word: whoever says nothing may have typed the address. */
export function isPartOfPage(headers: Headers): boolean {
  return isScript(headers) || !isForDocument(headers) || isPrefetch(headers) || wantsNoPage(headers);
}

/** By Accept, where Sec-Fetch-Dest is not sent: an image, or a script's data. A bare wildcard says nothing. */
function wantsNoPage(headers: Headers): boolean {
  const accept = headers.get("accept") ?? "*/*";
  return !headers.has("sec-fetch-dest") && accept !== "*/*" && !accept.includes("text/html");
}

function isPrefetch(headers: Headers): boolean {
  return headers.get("sec-purpose")?.startsWith("prefetch") ?? false;
}

function isScript(headers: Headers): boolean {
  return headers.get("x-requested-with") === "XMLHttpRequest";
}
