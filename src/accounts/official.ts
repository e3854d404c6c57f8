import type { Account, Config } from "../config/config.ts";
import { STORED_NICKNAME_MAX } from "../identity/id-patterns.ts";
import { readBounded } from "../read-bounded.ts";
import type { Profile, ProviderAnswer, Scope, Tokens } from "./account.ts";
import { ANSWER_MAX_BYTES, idField, parseWechatJson, refusalIn, stringField } from "./wechat-json.ts";

/** Official Account web authorization (公众号网页授权): protocol sheet §1 to §3. */

const SCOPES: Record<Scope, string> = { base: "snsapi_base", userinfo: "snsapi_userinfo" };
/** Whatever else `is_snapshotuser` says, the openid may be a virtual one. */
const NO_SNAPSHOT = new Set<unknown>([undefined, 0, "0", false]);

/**
 * The authorize URL in WeChat's fixed order, byte for byte: a link in another order does not open. Never through a
 * query builder that may sort. `connect_redirect=1` keeps Android from calling back twice.
 */
export function authorizeUrl(
  config: Pick<Config, "wechatOpenUrl">,
  request: { appId: string; redirectUri: string; scope: Scope; state: string },
): string {
  return (
    `${config.wechatOpenUrl}/connect/oauth2/authorize?appid=${request.appId}` +
    `&redirect_uri=${encodeURIComponent(request.redirectUri)}&response_type=code` +
    `&scope=${SCOPES[request.scope]}&state=${request.state}&connect_redirect=1#wechat_redirect`
  );
}

/**
 * Exchanges a code, once: it is never resent, because even `-1` or a timeout may have consumed it.
 *
 * @param timeoutMs for the whole answer, body included
 */
export function exchangeCode(
  config: Pick<Config, "wechatApiUrl">,
  account: Account,
  code: string,
  timeoutMs: number,
): Promise<ProviderAnswer<Tokens>> {
  return callWechat(
    config,
    "/sns/oauth2/access_token",
    { appid: account.appId, secret: account.appSecret, code, grant_type: "authorization_code" },
    timeoutMs,
    tokensIn,
  );
}

/** Prolongs the tokens of a consent; needs no secret. The answer's refresh token is the one to keep. */
export function refreshTokens(
  config: Pick<Config, "wechatApiUrl">,
  appId: string,
  openid: string,
  refreshToken: string,
  timeoutMs: number,
): Promise<ProviderAnswer<Tokens>> {
  return callWechat(
    config,
    "/sns/oauth2/refresh_token",
    { appid: appId, grant_type: "refresh_token", refresh_token: refreshToken },
    timeoutMs,
    (json) => {
      const tokens = tokensIn(json);
      return tokens?.openid === openid ? tokens : null;
    },
  );
}

/** The consented profile. 48001 here is the sign of a snapshot visitor's token. */
export function fetchProfile(
  config: Pick<Config, "wechatApiUrl">,
  accessToken: string,
  openid: string,
  timeoutMs: number,
): Promise<ProviderAnswer<Profile>> {
  return callWechat(
    config,
    "/sns/userinfo",
    { access_token: accessToken, openid, lang: "zh_CN" },
    timeoutMs,
    (json) => {
      // A profile of somebody else than the one who is signing in is worth nothing.
      if (idField(json, "openid") !== openid) return null;
      const avatar = stringField(json, "headimgurl", 2_048);
      return { openid, nickname: nicknameIn(json), avatar, unionid: idField(json, "unionid") };
    },
  );
}

/** As much as an import takes: without control characters, and cut between characters. */
function nicknameIn(json: Record<string, unknown>): string | null {
  const nickname = stringField(json, "nickname", 8_192)
    ?.toWellFormed()
    .replace(/\p{Cc}/gu, "");
  return nickname?.slice(0, STORED_NICKNAME_MAX).replace(/[\ud800-\udbff]$/, "") || null;
}

function tokensIn(json: Record<string, unknown>): Tokens | null {
  const openid = idField(json, "openid");
  const accessToken = stringField(json, "access_token", 1_024);
  if (openid === null || accessToken === null) return null;
  const expiresIn = json.expires_in;
  const scope = stringField(json, "scope", 256);
  return {
    accessToken,
    expiresInSeconds:
      typeof expiresIn === "number" && expiresIn > 0 && expiresIn <= 86_400
        ? Math.max(1, Math.floor(expiresIn))
        : 7_200,
    refreshToken: stringField(json, "refresh_token", 1_024),
    openid,
    unionid: idField(json, "unionid"),
    granted: scope === null ? null : scope.split(",").includes(SCOPES.userinfo) ? "userinfo" : "base",
    snapshot: !NO_SNAPSHOT.has(json.is_snapshotuser),
  };
}

/**
 * One GET to WeChat. The secret travels in the URL, so a redirect is not followed and no error text leaves here.
 *
 * @param read what the answer says, `null` = not what was asked
 */
async function callWechat<Value>(
  { wechatApiUrl }: Pick<Config, "wechatApiUrl">,
  path: string,
  parameters: Record<string, string>,
  timeoutMs: number,
  read: (json: Record<string, unknown>) => Value | null,
): Promise<ProviderAnswer<Value>> {
  let bytes: Uint8Array | null;
  let status: number;
  try {
    const signal = AbortSignal.timeout(Math.max(1, timeoutMs));
    const response = await fetch(`${wechatApiUrl}${path}?${new URLSearchParams(parameters)}`, {
      redirect: "manual",
      signal,
    });
    status = response.status;
    bytes = await readBounded(response, ANSWER_MAX_BYTES);
  } catch {
    return { ok: false, kind: "unreachable" };
  }
  const json = status === 200 && bytes !== null ? parseWechatJson(bytes) : null;
  if (json !== null) {
    const refusal = refusalIn(json);
    if (refusal !== null) return refusal;
    const value = read(json);
    if (value !== null) return { ok: true, value };
  }
  return { ok: false, kind: "rubbish" };
}
