import type { Config, Site } from "../config/config.ts";
import { type Asked, failureAnswer, redirectAnswer } from "../respond.ts";

/** Plain http is served only in development; else GET and HEAD move to https and the rest is refused (design 2). */
export function requireHttps(
  asked: Asked,
  config: Pick<Config, "simulated">,
  site: Pick<Site, "http">,
  target: { scheme: "https" | "http"; host: string; path: string; search: string },
): Response | Promise<Response> | null {
  if (target.scheme === "https" || config.simulated || site.http) return null;
  const { method } = asked.request;
  if (method !== "GET" && method !== "HEAD") return failureAnswer(asked, "https_required");
  // A port belongs to its scheme: https is on its default one.
  const hostname = target.host.replace(/:\d+$/, "");
  return redirectAnswer(asked, 308, `https://${hostname}${target.path}${target.search}`);
}
