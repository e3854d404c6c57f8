import { jsonAnswer } from "../respond.ts";
import { listEvents as readEvents } from "../storage/events.ts";
import { CONTRACT } from "./contract.ts";
import { CURSOR_MISTAKE, cursorFrom, readCursor } from "./cursor.ts";
import { endpoint } from "./endpoint.ts";
import { problem, storageProblem } from "./problem-answer.ts";

export const listEvents = endpoint(
  CONTRACT.listEvents,
  async (visit, { user = null, kind = null, since, limit, cursor }) => {
    const place = cursor === undefined ? null : readCursor(cursor, /^(\d{1,11})\.(\d{1,15})$/);
    if (cursor !== undefined && place === null) return problem(visit, "input_invalid", { errors: [CURSOR_MISTAKE] });
    const before = place === null ? null : { at: Number(place[1]), id: Number(place[2]) };
    const { site, runtime } = visit;
    const listed = await readEvents(runtime.env.DB, { site: site.id, user, kind, since, before, limit });
    if (!listed.ok) return storageProblem(visit, listed.detail);
    const { items, next } = listed.value;
    return jsonAnswer(visit, 200, { events: items, next_cursor: cursorFrom(next) });
  },
);
