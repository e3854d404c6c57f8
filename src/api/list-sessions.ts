import { listSessions as readSessions } from "../storage/site-sessions.ts";
import { readUser } from "../storage/users.ts";
import { type Handler, pageAnswer } from "./endpoint.ts";
import { sessionsCall } from "./sessions-call.ts";
import { userAnswer, userCall } from "./user-call.ts";

/** The sessions that live: neither ended nor past the site's `lifetime`. */
export const listSessions: Handler<"listSessions"> = async (visit, { user, limit, cursor = "" }, actor) => {
  const owner = await readUser(userCall(visit, user, actor));
  if (!owner.ok || owner.value === null) return userAnswer(visit, owner);
  const { lifetimeSeconds } = visit.site.session;
  const listed = await readSessions(sessionsCall(visit, user, actor), cursor, limit);
  return pageAnswer(visit, "sessions", listed, (session) => ({
    ...session,
    expires_at: session.created_at + lifetimeSeconds,
  }));
};
