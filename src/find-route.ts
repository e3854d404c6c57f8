import type { Level, Site } from "./config/config.ts";
import { findSite } from "./config/find-site.ts";
import { parseTarget } from "./gate/host.ts";
import { accessOf } from "./gate/match.ts";
import { judgePath } from "./gate/path.ts";
import { type Runtime, siteParts } from "./runtime.ts";

/** Where a request leads, by its method and URL alone: judged once, and remembered by this isolate. */
export type Route = {
  site: Site;
  scheme: "https" | "http";
  /** HOST of the contract. */
  host: string;
  /** Canonical; the one that was judged. */
  path: string;
  kind: "own" | "plain" | "odd";
  level: Level;
};

/** A longer URL is judged anew each time: visitors choose them, and they would stay. */
const REMEMBERED_URL_MAX_LENGTH = 512;

/** @param url up to its `?`: no rule looks at a query, and visitors' queries differ */
export function findRoute(runtime: Runtime, method: string, url: string): Route | "unknown_host" | "path_refused" {
  const key = `${method} ${url}`;
  const known = runtime.routes.get(key);
  if (known !== undefined) return known;
  const target = parseTarget(url);
  const site = target === null ? null : findSite(runtime.config, target.host);
  if (target === null || site === null) return "unknown_host";
  const judged = judgePath(target.rawPath);
  if (judged.kind === "refused") return "path_refused";
  const level = accessOf(siteParts(runtime, site).rules, judged.path, method, judged.kind === "odd");
  const route: Route = { site, scheme: target.scheme, host: target.host, ...judged, level };
  if (key.length <= REMEMBERED_URL_MAX_LENGTH) runtime.routes.set(key, route);
  return route;
}
