import { afterEach, describe, expect, it, vi } from "vitest";
import { checkRow } from "../storage/import-row.ts";
import { exchangeCode, fetchProfile, refreshTokens } from "./official.ts";

/** What is made of WeChat's answers, field by field. */

const CONFIG = { wechatApiUrl: "https://api.weixin.qq.com" };
const ACCOUNT = { appId: "wx0123456789abcdef", secretName: "WECHAT_APP_SECRET", appSecret: "secret" };
const TOKENS = { access_token: "a", expires_in: 7_200, refresh_token: "r", openid: "oSomebody" };

afterEach(() => vi.unstubAllGlobals());

function answer(json: unknown): void {
  vi.stubGlobal("fetch", async () => new Response(JSON.stringify(json)));
}

async function exchanged(more: Record<string, unknown>) {
  answer({ ...TOKENS, ...more });
  const tokens = await exchangeCode(CONFIG, ACCOUNT, "code", 1_000);
  if (!tokens.ok) throw new Error(tokens.kind);
  return tokens.value;
}

async function nicknameOf(nickname: string) {
  answer({ openid: "oSomebody", nickname });
  const profile = await fetchProfile(CONFIG, "a", "oSomebody", 1_000);
  if (!profile.ok) throw new Error(profile.kind);
  return profile.value.nickname;
}

describe("an access token's lifetime", () => {
  it.each([
    [7_200, 7_200],
    [7_199.5, 7_199],
    [0.4, 1],
    [86_400, 86_400],
    [86_401, 7_200],
    [0, 7_200],
    ["60", 7_200],
    [undefined, 7_200],
  ])("of %j is %j whole seconds", async (expires_in, seconds) => {
    expect((await exchanged({ expires_in })).expiresInSeconds).toBe(seconds);
  });
});

describe("is_snapshotuser", () => {
  it.each([undefined, 0, "0", false])("%j is an ordinary visitor", async (is_snapshotuser) => {
    expect((await exchanged({ is_snapshotuser })).snapshot).toBe(false);
  });

  it.each([1, "1", true, "true", 2, {}, null, ""])("%j is none: whatever is not known as a no", async (flag) => {
    expect((await exchanged({ is_snapshotuser: flag })).snapshot).toBe(true);
  });
});

describe("refreshed tokens", () => {
  it.each([
    ["oSomebody", true],
    ["oSomebodyElse", false],
  ])("that are %s's count for oSomebody: %j", async (openid, ok) => {
    answer({ ...TOKENS, openid });
    const refreshed = await refreshTokens(CONFIG, ACCOUNT.appId, "oSomebody", "r", 1_000);
    expect(refreshed).toMatchObject(ok ? { ok } : { ok, kind: "rubbish" });
  });
});

describe("a nickname", () => {
  it.each([
    ["NUL and other control characters", "\u0000小\u0007明\u0014\u009b", "小明"],
    ["nothing but these", "\u0000\u0007", null],
    ["half an emoji", "a\ud83d", "a\ufffd"],
    ["1,024 characters", "长".repeat(1_024), "长".repeat(1_024)],
    ["more", "长".repeat(1_025), "长".repeat(1_024)],
    ["an emoji across the end", `${"a".repeat(1_023)}😀`, "a".repeat(1_023)],
  ])("of %s is kept as far as an import would take it", async (_, given, kept) => {
    const nickname = await nicknameOf(given);
    expect(nickname).toBe(kept);
    const row = { openid: "oSomebody", nickname };
    expect(checkRow(row, { appId: ACCOUNT.appId, withheldAppIds: new Set(), storeProfile: true })).toMatchObject({
      ok: true,
    });
  });
});
