import { readUser } from "../storage/users.ts";
import { endpoint } from "./endpoint.ts";
import { userId } from "./fields.ts";
import { userAnswer, userCall } from "./user-call.ts";

export const getUser = endpoint({
  scope: "read",
  params: { user: userId },
  handle: async (visit, { user }, actor) => userAnswer(visit, await readUser(userCall(visit, user, actor))),
});
