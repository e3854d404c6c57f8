import { endSessions as endAll } from "../storage/site-sessions.ts";
import type { Handler } from "./endpoint.ts";
import { sessionsCall } from "./sessions-call.ts";
import { goneAnswer } from "./user-call.ts";

/** All sessions of a user on this site. */
export const endSessions: Handler<"endSessions"> = async (visit, { user }, actor) =>
  goneAnswer(visit, await endAll(sessionsCall(visit, user, actor)));
