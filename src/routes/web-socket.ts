import type { RequestKind } from "../gate/visitor.ts";
import type { Visit } from "../visit.ts";
import { isAllowedOrigin } from "./allowed-origin.ts";

/** Browsers send cookies with any page's WebSocket and check no answer: the Origin must be ours or allowed, on every level. */
export function isForeignSocket(visit: Visit, kind: RequestKind): boolean {
  return kind === "websocket" && !isAllowedOrigin(visit, visit.request.headers.get("origin"));
}
