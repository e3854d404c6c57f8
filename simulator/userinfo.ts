/** `sns/userinfo` and `sns/auth`. */

import type { ApiAnswer } from "./api.ts";
import type { Grant } from "./grants.ts";
import { avatarOf } from "./identity.ts";
import { nowOf, type SimulatorState } from "./state.ts";
import type { WireFields } from "./wire.ts";

const TOKEN_SHAPE = /^[A-Za-z0-9_-]{64,512}$/;

/** The profile, as far as WeChat still delivers one: place and sex have been empty since 2021-10-20. */
export async function userinfo(state: SimulatorState, params: URLSearchParams): Promise<ApiAnswer> {
  const checked = checkToken(state, params);
  if ("errcode" in checked) return checked;
  const { grant } = checked;
  if (grant.scope !== "snsapi_userinfo" || grant.isSnapshot) return { errcode: 48001 };
  if (grant.person.isBanned) return { errcode: 50002 };
  const fields: WireFields = {
    openid: grant.openid,
    nickname: grant.person.nickname,
    sex: 0,
    language: "",
    city: "",
    province: "",
    country: "",
    headimgurl: grant.person.hasAvatar ? await avatarOf(grant.person.id) : "",
    privilege: [],
  };
  if (grant.unionid !== null) fields.unionid = grant.unionid;
  return { fields };
}

/** Whether an access token still lives. */
export function auth(state: SimulatorState, params: URLSearchParams): ApiAnswer {
  const checked = checkToken(state, params);
  return "errcode" in checked ? checked : { fields: { errcode: 0, errmsg: "ok" } };
}

function checkToken(state: SimulatorState, params: URLSearchParams): { errcode: number } | { grant: Grant } {
  const token = params.get("access_token");
  const openid = params.get("openid");
  if (!token) return { errcode: 41001 };
  if (!openid) return { errcode: 41009 };
  if (!TOKEN_SHAPE.test(token)) return { errcode: 40014 };
  const known = state.accessTokens.get(token);
  if (known === undefined) return { errcode: 40001 };
  if (known.expiresAt <= nowOf(state)) return { errcode: 42001 };
  if (known.grant.openid !== openid) return { errcode: 40003 };
  return { grant: known.grant };
}
