import { changeUser } from "../storage/users.ts";
import { endpoint } from "./endpoint.ts";
import { siteUserId, userId } from "./fields.ts";
import { problem } from "./problems.ts";
import { userAnswer, userCall } from "./user-call.ts";

export const bindSiteUser = endpoint({
  scope: "write",
  params: { user: userId },
  body: { site_user: siteUserId },
  handle: async (visit, { user, site_user }, actor) => {
    const changed = await changeUser(userCall(visit, user, actor), "bind", site_user);
    // The batch leaves an id alone that another user of the site has.
    const isTaken = changed.ok && changed.value !== null && changed.value.site_user !== site_user;
    return isTaken ? problem(visit, "site_user_taken") : userAnswer(visit, changed);
  },
});
