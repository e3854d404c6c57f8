import { readUser } from "../storage/users.ts";
import type { Handler } from "./endpoint.ts";
import { userAnswer, userCall } from "./user-call.ts";

export const getUser: Handler<"getUser"> = async (visit, { user }, actor) =>
  userAnswer(visit, await readUser(userCall(visit, user, actor)));
