import { reportFailure } from "../report.ts";
import { stored } from "../storage/d1.ts";
import { deleteTrace, findTrace, type Trace } from "../storage/delete-user.ts";
import { dropTokens } from "../storage/tokens.ts";
import type { Visit } from "../visit.ts";
import type { Handler } from "./endpoint.ts";
import { storageProblem } from "./problem-answer.ts";
import { goneAnswer, userCall } from "./user-call.ts";

/**
 * A login whose row the deletion still met stores its tokens right behind its answer, without another look at D1: they are
 * dropped again when KV must have them. Renewals look for themselves. An object, so that tests need not wait.
 */
export const SECOND_DROP = { afterMs: 3_000 };

/** KV first: when it or D1 fails, the bindings that lead to the tokens are still there, and the request can be repeated. */
export const deleteUser: Handler<"deleteUser"> = async (visit, { user }, actor) => {
  const call = userCall(visit, user, actor);
  const found = await findTrace(call.db, call);
  if (!found.ok) return storageProblem(visit, found);
  const trace = found.value;
  if (trace.users.length === 0) return goneAnswer(visit, found);
  const dropped = await stored(() => dropAll(visit, trace));
  if (!dropped.ok) return storageProblem(visit, dropped);
  const deleted = await deleteTrace(call.db, trace, call);
  visit.waitUntil(dropAgain(visit, trace));
  return goneAnswer(visit, deleted);
};

const dropAll = ({ runtime }: Visit, { bindings }: Trace) =>
  Promise.all(bindings.map(({ app_id, openid }) => dropTokens(runtime.env.TOKENS, app_id, openid)));

/** Also takes the tokens of somebody who came back meanwhile: their profile is asked for again when it grows old. */
async function dropAgain(visit: Visit, trace: Trace): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, SECOND_DROP.afterMs));
  const dropped = await stored(() => dropAll(visit, trace));
  if (!dropped.ok) reportFailure(visit, "token_store_unavailable", { detail: dropped.detail });
}
