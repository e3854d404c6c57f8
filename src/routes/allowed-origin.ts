import { originOf } from "../gate/host.ts";
import type { Visit } from "../visit.ts";

/** Is this page's origin ours, or one that the site allows? */
export function isAllowedOrigin(visit: Visit, origin: string | null): origin is string {
  return origin !== null && (origin === originOf(visit) || visit.site.allowedOrigins.has(origin));
}
