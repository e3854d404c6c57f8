import { endSessions as endAll } from "../storage/site-sessions.ts";
import { CONTRACT } from "./contract.ts";
import { endpoint } from "./endpoint.ts";
import { sessionsCall } from "./sessions-call.ts";
import { goneAnswer } from "./user-call.ts";

/** All sessions of a user on this site. */
export const endSessions = endpoint(CONTRACT.endSessions, async (visit, { user }, actor) =>
  goneAnswer(visit, await endAll(sessionsCall(visit, user, actor))),
);
