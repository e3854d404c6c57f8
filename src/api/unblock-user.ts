import { changeUser } from "../storage/users.ts";
import { endpoint } from "./endpoint.ts";
import { userId } from "./fields.ts";
import { goneAnswer, userCall } from "./user-call.ts";

export const unblockUser = endpoint({
  scope: "write",
  params: { user: userId },
  handle: async (visit, { user }, actor) =>
    goneAnswer(visit, await changeUser(userCall(visit, user, actor), "unblock")),
});
