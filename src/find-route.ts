import type { Level, Site } from "./config/config.ts";
import { findSite } from "./config/find-site.ts";
import { utf8Bytes, utf8Text } from "./encoding.ts";
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

/** Longer ones, as sent or as judged, are judged anew each time: visitors choose them, and they would stay. */
const REMEMBERED_MAX_LENGTH = 512;

/** @param base the URL up to its `?`: no rule looks at a query, and visitors' queries differ */
export function findRoute(runtime: Runtime, method: string, base: string): Route | "unknown_host" | "path_refused" {
  const key = `${method} ${base}`;
  const known = runtime.routes.get(key);
  if (known !== undefined) return known;
  const target = parseTarget(base);
  const site = target === null ? null : findSite(runtime.config, target.host);
  if (target === null || site === null) return "unknown_host";
  const judged = judgePath(target.rawPath);
  if (judged.kind === "refused") return "path_refused";
  const { kind } = judged;
  const path = ownCopy(judged.path);
  const level = accessOf(siteParts(runtime, site).rules, path, method, kind === "odd");
  const route: Route = { site, scheme: target.scheme, host: ownCopy(target.host), path, kind, level };
  if (Math.max(key.length, path.length) <= REMEMBERED_MAX_LENGTH) runtime.routes.set(ownCopy(key), route);
  return route;
}

/** V8's parts of a string hold the whole of it: what is remembered must not hold a visitor's URL with its query. */
function ownCopy(text: string): string {
  return utf8Text(utf8Bytes(text));
}
