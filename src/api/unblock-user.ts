import { changeUser } from "../storage/users.ts";
import { CONTRACT } from "./contract.ts";
import { endpoint } from "./endpoint.ts";
import { goneAnswer, userCall } from "./user-call.ts";

export const unblockUser = endpoint(CONTRACT.unblockUser, async (visit, { user }, actor) =>
  goneAnswer(visit, await changeUser(userCall(visit, user, actor), "unblock")),
);
