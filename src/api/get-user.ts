import { readUser } from "../storage/users.ts";
import { CONTRACT } from "./contract.ts";
import { endpoint } from "./endpoint.ts";
import { userAnswer, userCall } from "./user-call.ts";

export const getUser = endpoint(CONTRACT.getUser, async (visit, { user }, actor) =>
  userAnswer(visit, await readUser(userCall(visit, user, actor))),
);
