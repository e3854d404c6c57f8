import type { Env } from "../env.ts";
import { originOf } from "../gate/host.ts";
import type { OutgoingHeaders } from "../identity/outgoing-headers.ts";
import type { Visit } from "../visit.ts";

/** Transport only: one request to the site's origin, and its answer as it came. */

/** Public scheme, HOST, canonical path and query as sent. */
export type OriginRequest = Pick<Visit, "runtime" | "site" | "request" | "scheme" | "host" | "path" | "search">;

/**
 * Raw `fetch`: bodies stream both ways, redirects, encodings and every Set-Cookie stay untouched, a 101 carries its
 * WebSocket. Throws when the origin cannot be reached.
 *
 * @param bypassCache somebody is signed in: the zone's cache must neither answer nor keep it
 */
export function fetchOrigin(call: OriginRequest, headers: OutgoingHeaders, bypassCache: boolean): Promise<Response> {
  const { site, request } = call;
  const { env } = call.runtime;
  const { method } = request;
  const body = method === "GET" || method === "HEAD" ? null : request.body;
  if (body === null) for (const name of ["Content-Length", "Transfer-Encoding"]) headers.delete(name); // they would announce one
  if (method !== "GET") headers.delete("Upgrade"); // the runtime sends whatever carries it as a GET, which was not judged
  // Else the runtime adds `no-cache` to it, for which Express and others never answer 304.
  if (bypassCache) headers.setDefault("Cache-Control", "max-age=0");
  const init: RequestInit = { method, headers: headers.toInit(), redirect: "manual", body };
  if (bypassCache) init.cache = "no-store";
  const target = `${originOf(call)}${call.path}${call.search}`;
  switch (site.origin.kind) {
    case "zone":
      return fetch(target, init);
    case "binding":
      return bindingNamed(env, site.origin.name).fetch(target, init);
    case "url": {
      const elsewhere = `${site.origin.base}${call.path}${call.search}`;
      return site.origin.via === null
        ? fetch(elsewhere, init)
        : bindingNamed(env, site.origin.via).fetch(elsewhere, init);
    }
  }
}

/** The configuration has checked that it is there. */
function bindingNamed(env: Env, name: string): Fetcher {
  return env[name] as Fetcher;
}

/**
 * A `Location` on a URL origin's own host, moved to the public one; `null` = leave it. A server behind TLS may take
 * itself for http; but https from an http origin is another server, and put back it would lead here again.
 */
export function publicLocation(call: OriginRequest, headers: Headers): string | null {
  if (call.site.origin.kind !== "url") return null;
  const location = headers.get("location");
  if (location === null) return null;
  const { protocol, host } = new URL(call.site.origin.base);
  const [start = "", scheme = protocol, name = ""] = /^(https?:)?\/\/([^/?#]+)/i.exec(location) ?? [];
  const isHttps = /^https/i.test(scheme);
  if (isHttps && protocol === "http:") return null;
  const isOwn = name.toLowerCase().replace(isHttps ? /:443$/ : /:80$/, "") === host;
  return isOwn ? `${originOf(call)}${location.slice(start.length)}` : null;
}
