import { stored } from "../storage/d1.ts";
import { deleteTrace, findTrace } from "../storage/delete-user.ts";
import { dropTokens } from "../storage/tokens.ts";
import { CONTRACT } from "./contract.ts";
import { endpoint } from "./endpoint.ts";
import { storageProblem } from "./problem-answer.ts";
import { goneAnswer, userCall } from "./user-call.ts";

/** KV first: when it or D1 fails, the bindings that lead to the tokens are still there, and the request can be repeated. */
export const deleteUser = endpoint(CONTRACT.deleteUser, async (visit, { user }, actor) => {
  const call = userCall(visit, user, actor);
  const found = await findTrace(call.db, call);
  if (!found.ok) return storageProblem(visit, found.detail);
  const trace = found.value;
  if (trace.users.length === 0) return goneAnswer(visit, found);
  const { TOKENS } = visit.runtime.env;
  const dropped = await stored(() =>
    Promise.all(trace.bindings.map(({ app_id, openid }) => dropTokens(TOKENS, app_id, openid))),
  );
  return dropped.ok
    ? goneAnswer(visit, await deleteTrace(call.db, trace, call))
    : storageProblem(visit, dropped.detail);
});
