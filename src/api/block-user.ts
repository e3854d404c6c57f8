import { changeUser } from "../storage/users.ts";
import { endpoint } from "./endpoint.ts";
import { userId } from "./fields.ts";
import { userAnswer, userCall } from "./user-call.ts";

/** Sessions are not ended: within `recheck` they find the block by themselves. */
export const blockUser = endpoint({
  scope: "write",
  params: { user: userId },
  body: {},
  handle: async (visit, { user }, actor) => userAnswer(visit, await changeUser(userCall(visit, user, actor), "block")),
});
