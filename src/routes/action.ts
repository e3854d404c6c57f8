import type { Level } from "../config/config.ts";
import { type Action, decide, type SessionState, settledAction } from "../gate/decide.ts";
import { requestKindOf } from "../gate/visitor.ts";
import type { Visit } from "../visit.ts";
import { siteClient } from "./outside.ts";
import { isForeignSocket } from "./web-socket.ts";

/** What to do with this request. The client and the kind of request are read only where they make a difference. */
export function actionOf(visit: Visit, level: Level, state: SessionState): Action {
  const { method, headers } = visit.request;
  const isUsual = method.toUpperCase() !== "OPTIONS" && !headers.has("upgrade"); // neither a preflight nor a WebSocket
  const settled = isUsual ? settledAction(level, state) : null;
  if (settled !== null) return settled;
  const kind = requestKindOf(method, headers);
  return isForeignSocket(visit, kind) ? "foreign_socket" : decide(level, siteClient(visit), kind, state);
}
