import { listEvents as readEvents } from "../storage/events.ts";
import { type Handler, pageAnswer } from "./endpoint.ts";

export const listEvents: Handler<"listEvents"> = async (
  visit,
  { user = null, kind = null, since, limit, cursor = null },
) => {
  const query = { site: visit.site.id, user, kind, since, before: cursor, limit };
  return pageAnswer(visit, "events", await readEvents(visit.runtime.env.DB, query));
};
