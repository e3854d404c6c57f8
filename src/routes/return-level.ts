import type { Level } from "../config/config.ts";
import { findRoute } from "../find-route.ts";
import { cutQuery, originOf } from "../gate/host.ts";
import type { Visit } from "../visit.ts";

/** What the page asks that a login returns to; `null` where there is none. */
export function levelAt(visit: Visit, to: string): Level | null {
  const { base } = cutQuery(originOf(visit) + to);
  const route = findRoute(visit.runtime, "GET", base);
  return typeof route === "string" ? null : route.level;
}

/** 暂不授权 is for a question that the site asks by itself, before a page that can do without the answer. */
export function canSkipProfile(visit: Visit, to: string): boolean {
  return visit.site.firstVisit === "profile" && levelAt(visit, to) !== "profile";
}
