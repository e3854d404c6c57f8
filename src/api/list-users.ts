import { jsonAnswer } from "../respond.ts";
import { listUsers as readUsers, type Walk } from "../storage/list-users.ts";
import { CONTRACT, LOOKUPS } from "./contract.ts";
import { CURSOR_MISTAKE, cursorFrom, readCursor } from "./cursor.ts";
import { endpoint } from "./endpoint.ts";
import { problem, storageProblem } from "./problem-answer.ts";

/** Lists the site's users, and looks one up. */
export const listUsers = endpoint(
  CONTRACT.listUsers,
  async (visit, { blocked, bound, seen_since, limit, cursor, ...lookups }) => {
    const given = (Object.keys(LOOKUPS) as (keyof typeof LOOKUPS)[]).filter((name) => lookups[name] !== undefined);
    const after = cursor === undefined ? "" : readCursor(cursor, /^wxu_[a-z2-7]{26}$/)?.[0];
    const errors = given.slice(1).map((parameter) => ({ parameter, detail: `cannot go with ${given[0]}` }));
    if (after === undefined || errors.length > 0) {
      return problem(visit, "input_invalid", { errors: after === undefined ? [...errors, CURSOR_MISTAKE] : errors });
    }
    const [lookup] = given;
    const walk: Walk = lookup ?? (blocked ? "blocked" : bound ? "bound" : "all");
    const { site, runtime } = visit;
    const listed = await readUsers(runtime.env.DB, {
      appId: site.account.appId,
      site: site.id,
      walk,
      value: (lookup && lookups[lookup]) ?? "",
      after,
      blocked: blocked ?? null,
      bound: bound ?? null,
      seenSince: seen_since,
      limit,
    });
    if (!listed.ok) return storageProblem(visit, listed.detail);
    const { items, next } = listed.value;
    return jsonAnswer(visit, 200, { users: items, next_cursor: cursorFrom(next) });
  },
);
