import { changeUser } from "../storage/users.ts";
import type { Handler } from "./endpoint.ts";
import { goneAnswer, userCall } from "./user-call.ts";

export const unbindSiteUser: Handler<"unbindSiteUser"> = async (visit, { user }, actor) =>
  goneAnswer(visit, await changeUser(userCall(visit, user, actor), "unbind"));
