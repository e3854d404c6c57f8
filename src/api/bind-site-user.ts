import { changeUser } from "../storage/users.ts";
import type { Handler } from "./endpoint.ts";
import { problem } from "./problem-answer.ts";
import { userAnswer, userCall } from "./user-call.ts";

export const bindSiteUser: Handler<"bindSiteUser"> = async (visit, { user, site_user }, actor) => {
  const changed = await changeUser(userCall(visit, user, actor), "bind", site_user);
  // The batch leaves an id alone that another user of the site has.
  const isTaken = changed.ok && changed.value !== null && changed.value.site_user !== site_user;
  return isTaken ? problem(visit, "site_user_taken") : userAnswer(visit, changed);
};
