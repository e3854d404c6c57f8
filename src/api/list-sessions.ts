import { jsonAnswer } from "../respond.ts";
import { listSessions as readSessions } from "../storage/site-sessions.ts";
import { readUser } from "../storage/users.ts";
import { CONTRACT } from "./contract.ts";
import { CURSOR_MISTAKE, cursorFrom, readCursor } from "./cursor.ts";
import { endpoint } from "./endpoint.ts";
import { problem, storageProblem } from "./problem-answer.ts";
import { sessionsCall } from "./sessions-call.ts";
import { userAnswer, userCall } from "./user-call.ts";

/** The sessions that live: neither ended nor past the site's `lifetime`. */
export const listSessions = endpoint(CONTRACT.listSessions, async (visit, { user, limit, cursor }, actor) => {
  const after = cursor === undefined ? "" : readCursor(cursor, /^[a-z2-7]{26}$/)?.[0];
  if (after === undefined) return problem(visit, "input_invalid", { errors: [CURSOR_MISTAKE] });
  const owner = await readUser(userCall(visit, user, actor));
  if (!owner.ok || owner.value === null) return userAnswer(visit, owner);
  const listed = await readSessions(sessionsCall(visit, user, actor), after, limit);
  if (!listed.ok) return storageProblem(visit, listed.detail);
  const { items, next } = listed.value;
  const { lifetimeSeconds } = visit.site.session;
  const sessions = items.map((session) => ({ ...session, expires_at: session.created_at + lifetimeSeconds }));
  return jsonAnswer(visit, 200, { sessions, next_cursor: cursorFrom(next) });
});
