import type { Profile, ProviderAnswer } from "../accounts/account.ts";
import { fetchProfile, refreshTokens } from "../accounts/official.ts";
import { refusalFacts, reportFailure } from "../report.ts";
import type { SessionRow } from "../storage/d1.ts";
import { forgetProfile, holdsProfile, storeRenewedProfile } from "../storage/profiles.ts";
import { dropTokens, getTokens, putTokens, type TokenSet } from "../storage/tokens.ts";
import type { Visit } from "../visit.ts";

/**
 * Renews a profile that grew old without asking the visitor, where WeChat still allows it. It runs behind an answer,
 * at a check that asked D1 anyway, never on a request without I/O.
 *
 * Several at once are harmless: WeChat prolongs a refresh token instead of replacing it, each stores what it got, and
 * the last profile written is as new as the others.
 */
const WECHAT_TIMEOUT_MS = 5_000;
/** A token about to expire is refreshed rather than tried. */
const EXPIRY_MARGIN_SECONDS = 60;
/** At `sns/userinfo`: the access token is invalid or expired, a refreshed one may do. */
const ACCESS_TOKEN_ERRCODES = new Set([40001, 40014, 42001]);

/** @param staleAt when the profile that grew old was read: only that one is written over */
export async function renewProfile(visit: Visit, row: SessionRow, staleAt: number): Promise<void> {
  const { env, sealingKeys } = visit.runtime;
  const key = { appId: row.app_id, openid: row.openid };
  try {
    const tokens = await getTokens(env.TOKENS, sealingKeys, key.appId, key.openid);
    const answer = tokens === null ? null : await askWechat(visit, row.openid, tokens);
    if (answer?.ok) {
      const written = await storeRenewedProfile(env.DB, key, staleAt, answer.value, visit.now);
      if (!written.ok) reportFailure(visit, "storage_unavailable", { detail: written.detail });
    } else if (answer === null || answer.kind === "spent") {
      // 40030, 42002, 42007 and alike: these tokens will never do again, and the visitor is asked again.
      await forgetProfile(env.DB, key, staleAt);
    } else {
      // A passing trouble: the next check tries again.
      reportFailure(visit, "profile_unavailable", refusalFacts(answer));
    }
    // Nothing to renew any more: just given up, or its person deleted while a refresh put tokens here.
    const held = await holdsProfile(env.DB, key);
    if (held.ok && !held.value) await dropTokens(env.TOKENS, key.appId, key.openid);
  } catch {
    reportFailure(visit, "token_store_unavailable");
  }
}

/** The cached access token first; refreshed when it is over, and the refreshed tokens stored before they are used. */
async function askWechat(visit: Visit, openid: string, tokens: TokenSet): Promise<ProviderAnswer<Profile>> {
  const { config } = visit.runtime;
  if (tokens.accessExpiresAt - EXPIRY_MARGIN_SECONDS > visit.now) {
    const answer = await fetchProfile(config, tokens.accessToken, openid, WECHAT_TIMEOUT_MS);
    const mayRefresh = "errcode" in answer && ACCESS_TOKEN_ERRCODES.has(answer.errcode);
    if (!mayRefresh) return answer;
  }
  const { env, sealingKeys } = visit.runtime;
  const { appId } = visit.site.account;
  const refreshed = await refreshTokens(config, appId, openid, tokens.refreshToken, WECHAT_TIMEOUT_MS);
  if (!refreshed.ok) return refreshed;
  const { accessToken, expiresInSeconds, refreshToken } = refreshed.value;
  const renewed: TokenSet = {
    accessToken,
    accessExpiresAt: visit.now + expiresInSeconds,
    // Some say that it rotates: what the answer carries counts from now on.
    refreshToken: refreshToken ?? tokens.refreshToken,
    refreshExpiresAt: tokens.refreshExpiresAt,
  };
  await putTokens(env.TOKENS, sealingKeys, appId, openid, renewed, visit.now);
  return fetchProfile(config, accessToken, openid, WECHAT_TIMEOUT_MS);
}
