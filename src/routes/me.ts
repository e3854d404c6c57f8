import { jsonAnswer } from "../respond.ts";
import { currentSession } from "../session/current.ts";
import type { Visit } from "../visit.ts";

/** `GET /_wx/me`: always 200; who is signed in, for the page's own scripts; never a token. */
export async function me(visit: Visit): Promise<Response> {
  const { session, cookies } = await currentSession(visit);
  if (session === null) return jsonAnswer(visit, 200, { signed_in: false }, { cookies });
  const body = {
    signed_in: true,
    user: session.user,
    openid: session.openid,
    appid: visit.site.account.appId,
    unionid: session.unionid,
    site_user: session.siteUser,
    nickname: session.nickname,
    avatar: session.avatar,
    level: session.level,
  };
  return jsonAnswer(visit, 200, body, { cookies });
}
