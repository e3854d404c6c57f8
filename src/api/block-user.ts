import { changeUser } from "../storage/users.ts";
import { CONTRACT } from "./contract.ts";
import { endpoint } from "./endpoint.ts";
import { userAnswer, userCall } from "./user-call.ts";

/** Sessions are not ended: within `recheck` they find the block by themselves. */
export const blockUser = endpoint(CONTRACT.blockUser, async (visit, { user }, actor) =>
  userAnswer(visit, await changeUser(userCall(visit, user, actor), "block")),
);
