import { endOneSession } from "../storage/site-sessions.ts";
import type { Handler } from "./endpoint.ts";
import { goneAnswer } from "./user-call.ts";

/** By the `sid` of the assertion: the origin needs to know nothing else. */
export const endSession: Handler<"endSession"> = async (visit, { sid }, actor) => {
  const { site, now, runtime } = visit;
  return goneAnswer(visit, await endOneSession(runtime.env.DB, { site: site.id, sid, now, actor }));
};
