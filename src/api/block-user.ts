import { changeUser } from "../storage/users.ts";
import type { Handler } from "./endpoint.ts";
import { userAnswer, userCall } from "./user-call.ts";

/** Sessions are not ended: within `recheck` they find the block by themselves. */
export const blockUser: Handler<"blockUser"> = async (visit, { user }, actor) =>
  userAnswer(visit, await changeUser(userCall(visit, user, actor), "block"));
