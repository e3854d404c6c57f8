/** `sns/oauth2/access_token` and `sns/oauth2/refresh_token`. */

import type { ApiAnswer } from "./api.ts";
import { findApp } from "./apps.ts";
import type { Grant } from "./grants.ts";
import { randomToken } from "./random.ts";
import { nowOf, type SimulatorState } from "./state.ts";
import type { WireFields } from "./wire.ts";

const CODE_LIFETIME_MS = 5 * 60_000;
const ACCESS_TOKEN_LIFETIME_S = 7_200;
const REFRESH_TOKEN_LIFETIME_MS = 30 * 24 * 3_600_000;

/** Exchanges a code: once, within five minutes, by the AppID it was issued for. */
export function accessToken(state: SimulatorState, params: URLSearchParams): ApiAnswer {
  const appid = params.get("appid");
  const secret = params.get("secret");
  const code = params.get("code");
  if (!appid) return { errcode: 41002 };
  if (!secret) return { errcode: 41004 };
  if (!code) return { errcode: 41008 };
  if (params.get("grant_type") !== "authorization_code") return { errcode: 40002 };
  const app = findApp(state.apps, appid);
  if (app === undefined) return { errcode: 40013 };
  if (app.secret !== null && app.secret !== secret) return { errcode: 40125 };

  const issued = state.codes.get(code);
  if (issued === undefined || issued.grant.appid !== appid) return { errcode: 40029 };
  if (nowOf(state) - issued.issuedAt >= CODE_LIFETIME_MS) return { errcode: 40029 };
  if (issued.used) return { errcode: 40163 };
  issued.used = true;
  const { grant } = issued;
  if (grant.person.isBanned) return { errcode: 50002 };

  const tokens = issueTokens(state, grant);
  const fields: WireFields = { ...tokens, openid: grant.openid, scope: grant.scope };
  if (grant.isSnapshot) fields.is_snapshotuser = 1;
  // Withdrawn for snsapi_base by announcement.
  if (grant.scope === "snsapi_userinfo" && grant.unionid !== null) fields.unionid = grant.unionid;
  return { fields };
}

/** A still valid access token keeps its value and lives longer; an expired one is replaced. */
export function refreshToken(state: SimulatorState, params: URLSearchParams): ApiAnswer {
  const appid = params.get("appid");
  const given = params.get("refresh_token");
  if (!appid) return { errcode: 41002 };
  if (!given) return { errcode: 41003 };
  if (params.get("grant_type") !== "refresh_token") return { errcode: 40002 };
  if (findApp(state.apps, appid) === undefined) return { errcode: 40013 };
  const known = state.refreshTokens.get(given);
  if (known === undefined || known.grant.appid !== appid) return { errcode: 40030 };
  const now = nowOf(state);
  if (known.expiresAt <= now) return { errcode: 42002 };

  const current = state.accessTokens.get(known.accessToken);
  if (current === undefined || current.expiresAt <= now) known.accessToken = randomToken();
  const expiresAt = now + ACCESS_TOKEN_LIFETIME_S * 1_000;
  state.accessTokens.set(known.accessToken, { grant: known.grant, expiresAt });
  const { openid, scope } = known.grant;
  const fields = { access_token: known.accessToken, expires_in: ACCESS_TOKEN_LIFETIME_S, refresh_token: given };
  return { fields: { ...fields, openid, scope } };
}

function issueTokens(state: SimulatorState, grant: Grant): WireFields {
  const now = nowOf(state);
  const access = randomToken();
  const refresh = randomToken();
  state.accessTokens.set(access, { grant, expiresAt: now + ACCESS_TOKEN_LIFETIME_S * 1_000 });
  state.refreshTokens.set(refresh, { grant, expiresAt: now + REFRESH_TOKEN_LIFETIME_MS, accessToken: access });
  return { access_token: access, expires_in: ACCESS_TOKEN_LIFETIME_S, refresh_token: refresh };
}
