import type { SessionsCall } from "../storage/site-sessions.ts";
import type { Visit } from "../visit.ts";
import { userCall } from "./user-call.ts";

export function sessionsCall(visit: Visit, user: string, actor: string): SessionsCall {
  return { ...userCall(visit, user, actor), madeAfter: visit.now - visit.site.session.lifetimeSeconds };
}
