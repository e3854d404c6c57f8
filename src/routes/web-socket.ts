import { originOf } from "../gate/host.ts";
import type { RequestKind } from "../gate/visitor.ts";
import type { Visit } from "../visit.ts";

/** Browsers send cookies with any page's WebSocket and check no answer: the Origin must be ours or allowed, on every level. */
export function isForeignSocket(visit: Visit, kind: RequestKind): boolean {
  if (kind !== "websocket") return false;
  const origin = visit.request.headers.get("origin");
  return origin === null || (origin !== originOf(visit) && !visit.site.allowedOrigins.has(origin));
}
