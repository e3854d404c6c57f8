import { listUsers as readUsers } from "../storage/list-users.ts";
import { LOOKUPS } from "./contract.ts";
import { type Handler, pageAnswer } from "./endpoint.ts";

/** Lists the site's users, and looks one up. */
export const listUsers: Handler<"listUsers"> = async (
  visit,
  { blocked = null, bound = null, seen_since, limit, cursor = "", ...lookups },
) => {
  const lookup = (Object.keys(LOOKUPS) as (keyof typeof LOOKUPS)[]).find((name) => lookups[name] !== undefined);
  const listed = await readUsers(visit.runtime.env.DB, {
    appId: visit.site.account.appId,
    site: visit.site.id,
    walk: lookup ?? (blocked ? "blocked" : bound ? "bound" : "all"),
    value: (lookup && lookups[lookup]) ?? "",
    after: cursor,
    blocked,
    bound,
    seenSince: seen_since,
    limit,
  });
  return pageAnswer(visit, "users", listed);
};
