import { emptyAnswer, jsonAnswer } from "../respond.ts";
import type { Stored } from "../storage/d1.ts";
import type { User, UserCall } from "../storage/users.ts";
import type { Visit } from "../visit.ts";
import { problem, storageProblem } from "./problem-answer.ts";

/** What endpoints that are about one user have in common. */

export function userCall(visit: Visit, user: string, actor: string): UserCall {
  const { site, now, runtime } = visit;
  return { db: runtime.env.DB, appId: site.account.appId, site: site.id, user, now, actor };
}

export function userAnswer(visit: Visit, found: Stored<User | null>): Response {
  if (!found.ok) return storageProblem(visit, found);
  return found.value === null ? problem(visit, "user_unknown") : jsonAnswer(visit, 200, found.value);
}

/** Of what is to be gone afterwards: it is, whether it was there or not. */
export function goneAnswer(visit: Visit, done: Stored<unknown>): Response {
  return done.ok ? emptyAnswer(visit) : storageProblem(visit, done);
}
