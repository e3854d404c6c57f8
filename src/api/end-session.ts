import { endOneSession } from "../storage/site-sessions.ts";
import { CONTRACT } from "./contract.ts";
import { endpoint } from "./endpoint.ts";
import { goneAnswer } from "./user-call.ts";

/** By the `sid` of the assertion: the origin needs to know nothing else. */
export const endSession = endpoint(CONTRACT.endSession, async (visit, { sid }, actor) => {
  const { site, now, runtime } = visit;
  return goneAnswer(visit, await endOneSession(runtime.env.DB, { site: site.id, sid, now, actor }));
});
