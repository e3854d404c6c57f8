import { describe, expect, it } from "vitest";
import { openidOf, unionidOf } from "../simulator/identity.ts";
import { PEOPLE } from "../simulator/people.ts";
import { Browser } from "./support/browser.ts";
import {
  authorizeRequest,
  cleanUp,
  cookiesSet,
  locationOf,
  logged,
  NO_IO,
  passSeconds,
  rows,
  SESSION_COOKIE,
  seenByOrigin,
  setUp,
  shortenWaits,
  somebody,
  startCounting,
  stopClock,
  tokenStore,
} from "./support/setting.ts";
import { APP_ID, HOST, site, type World } from "./support/world.ts";

/** The consented login: our own page first, then a tap, then WeChat's consent. Design 7.10 and 7.11. */

cleanUp();

const PROFILE_SITE = site({ rules: [{ path: "/account/*", access: "profile" }] });
const script = (world: World, ...next: Record<string, unknown>[]) => world.control("/control", { next });

/** Signs somebody in silently and stops at our profile page. */
async function atProfilePage(world: World, person = somebody()): Promise<Browser> {
  const browser = new Browser(world, person);
  expect((await browser.open("/account?x=1")).response.status).toBe(401);
  return browser;
}

/** The tap, up to WeChat's callback. */
async function upToConsent(browser: Browser, to = "/account?x=1"): Promise<string> {
  return browser.authorize(locationOf(await browser.submit("/_wx/login", { to })));
}

async function consent(browser: Browser, to = "/account?x=1") {
  const callback = await upToConsent(browser, to);
  const hops = await browser.follow(await browser.navigate(callback), callback);
  return hops.at(-1);
}

describe("a `profile` path", () => {
  it("signs in silently first, then shows our page: consent never starts by itself", async () => {
    const world = setUp([PROFILE_SITE]);
    const browser = new Browser(world, somebody());
    const { response, url } = await browser.open("/account?x=1");
    expect(response.status).toBe(401);
    expect(url).toBe(`https://${HOST}/account?x=1#`);
    expect(response.headers.get("cache-control")).toBe("no-store");
    const page = await response.text();
    expect(page).toContain('<form class="actions" method="post" action="/_wx/login">');
    expect(page).toContain('name="to" value="/account?x=1"');
    expect(world.simulator.state.authorizations.map(({ scope }) => scope)).toEqual(["snsapi_base"]);
    expect(world.originRequests).toEqual([]);
  });

  it("starts snsapi_userinfo with the page's button, and nothing else does", async () => {
    const browser = await atProfilePage(setUp([PROFILE_SITE]));
    const answer = await browser.submit("/_wx/login", { to: "/account?x=1" });
    expect(answer.status).toBe(302);
    const location = locationOf(answer);
    const { state, scope } = authorizeRequest(location);
    expect(scope).toBe("snsapi_userinfo");
    expect(state).toMatch(/0$/);
    expect(location).toMatch(
      new RegExp(`&response_type=code&scope=snsapi_userinfo&state=${state}&connect_redirect=1#wechat_redirect$`),
    );
  });

  it("costs one WeChat call more than a silent login, one D1 round trip and one KV put", async () => {
    const world = setUp([PROFILE_SITE]);
    const browser = await atProfilePage(world);
    const callback = await upToConsent(browser);
    startCounting(world);
    const answer = await browser.navigate(callback);
    expect(locationOf(answer)).toBe("/account?x=1#");
    expect(world.wechatCalls).toEqual(["/sns/oauth2/access_token", "/sns/userinfo"]);
    expect(world.calls).toEqual({ ...NO_IO, d1: 1, kvPut: 1 });
  });

  it("gives the origin the profile of the person who consented", async () => {
    const world = setUp([PROFILE_SITE]);
    const browser = await atProfilePage(world, "test-zhang");
    expect((await consent(browser))?.response.status).toBe(200);
    expect(seenByOrigin(world, "x-wx-level")).toBe("profile");
    expect(seenByOrigin(world, "x-wx-openid")).toBe(await openidOf(APP_ID, "test-zhang"));
    expect(seenByOrigin(world, "x-wx-unionid")).toBe(await unionidOf("default", "test-zhang"));
    expect(seenByOrigin(world, "x-wx-nickname")).toBe("%E6%B5%8B%E8%AF%95%20zhang");
    expect(seenByOrigin(world, "x-wx-avatar")).toMatch(/^https:\/\/thirdwx\.qlogo\.cn\//);
    expect(logged(world, { event: "login", amr: "consent" })).toHaveLength(1);
  });

  it("knows the unionid where only the code's answer has it", async () => {
    const world = setUp([PROFILE_SITE]);
    const browser = await atProfilePage(world);
    const unionid = await unionidOf("default", browser.person);
    await script(world, { endpoint: "access_token", set: { unionid } }, { endpoint: "userinfo", omit: ["unionid"] });
    await consent(browser);
    expect(seenByOrigin(world, "x-wx-unionid")).toBe(unionid);
  });

  it("keeps WeChat's tokens in KV, sealed, until the refresh token expires", async () => {
    const world = setUp([PROFILE_SITE]);
    const browser = await atProfilePage(world);
    await consent(browser);
    const name = `token:${APP_ID}:${await openidOf(APP_ID, browser.person)}`;
    const value = await tokenStore.get(name);
    expect(value).toMatch(/^[A-Za-z0-9_-]+$/);
    for (const [token] of world.simulator.state.refreshTokens) expect(value).not.toContain(token);
    const { keys } = await tokenStore.list({ prefix: name });
    const thirtyDays = Date.now() / 1_000 + 30 * 86_400;
    expect(Math.abs((keys[0]?.expiration ?? 0) - thirtyDays)).toBeLessThan(120);
  });

  it("is not asked for again within 30 days, on any browser, and is after that", async () => {
    stopClock();
    const world = setUp([PROFILE_SITE]);
    const browser = await atProfilePage(world);
    await consent(browser);
    passSeconds(30 * 86_400 - 10);
    const other = new Browser(world, browser.person);
    expect((await other.open("/account")).response.status).toBe(200);
    expect(seenByOrigin(world, "x-wx-level")).toBe("profile");
    passSeconds(10);
    const third = new Browser(world, browser.person);
    expect((await third.open("/account")).response.status).toBe(401);
  });

  it("is shown by `GET /_wx/login?scope=profile` too, and passed by who has a profile already", async () => {
    const world = setUp([PROFILE_SITE]);
    const browser = new Browser(world, somebody());
    const answer = await browser.navigate("/_wx/login?to=/account&scope=profile");
    expect(answer.status).toBe(401);
    expect(world.wechatCalls).toEqual([]);
    expect((await consent(browser, "/account"))?.response.status).toBe(200);
    expect(locationOf(await browser.navigate("/_wx/login?to=/account&scope=profile"))).toBe("/account");
  });

  it("is a 401 with its level for a script, and with the way to the profile page", async () => {
    const browser = await atProfilePage(setUp([PROFILE_SITE]));
    const answer = await browser.fetch("/account/data", { headers: { referer: `https://${HOST}/account?x=1` } });
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({
      code: "login_required",
      level: "profile",
      login_url: "/_wx/login?to=%2Faccount%3Fx%3D1&scope=profile",
    });
  });
});

describe("a consented login that fails", () => {
  const atExchange: [string, Record<string, unknown>, string][] = [
    ["a spent code", { errcode: 40029 }, "login_expired"],
    ["a used code", { errcode: 40163 }, "login_expired"],
    ["busy", { errcode: -1 }, "wechat_busy"],
    ["HTML", { html: true }, "wechat_rubbish"],
  ];
  it.each(atExchange)(
    "(%s) returns to the profile page, goes to WeChat by itself never again",
    async (_, fault, code) => {
      shortenWaits();
      const world = setUp([PROFILE_SITE]);
      const browser = await atProfilePage(world);
      const session = browser.cookies().get(SESSION_COOKIE);
      const authorizations = world.simulator.state.authorizations.length;
      await script(world, { endpoint: "access_token", ...fault });
      const last = await consent(browser);
      expect(last?.url).toBe(`https://${HOST}/_wx/login?scope=profile&failed=1&to=%2Faccount%3Fx%3D1#`);
      expect(last?.response.status).toBe(401);
      expect(await last?.response.text()).toContain("上次授权未成功，请重试。");
      expect(world.simulator.state.authorizations).toHaveLength(authorizations + 1);
      expect(browser.cookies().get(SESSION_COOKIE)).toBe(session);
      expect(logged(world, { code })).toHaveLength(1);
    },
  );

  it("by a configuration error is the operator's page, with an alarm and no redirect", async () => {
    const world = setUp([PROFILE_SITE]);
    const browser = await atProfilePage(world);
    await script(world, { endpoint: "access_token", errcode: 40125 });
    const last = await consent(browser);
    expect(last?.response.status).toBe(503);
    expect(logged(world, { code: "wechat_config", level: "error" })).toHaveLength(1);
  });

  const atUserinfo: [string, Record<string, unknown>][] = [
    ["-1", { errcode: -1 }],
    ["40001", { errcode: 40001 }],
    ["40003", { errcode: 40003 }],
    ["42001", { errcode: 42001 }],
    ["50002", { errcode: 50002 }],
    ["HTML", { html: true, status: 502 }],
    ["rubbish", { body: "nonsense" }],
    ["an empty body", { body: "" }],
    ["somebody else's openid", { set: { openid: "oAAAAAAAAAAAAAAAAAAAAAAAAAAA" } }],
    ["no openid", { omit: ["openid"] }],
  ];
  it.each(atUserinfo)("at userinfo (%s) keeps the openid's login and returns to the profile page", async (_, fault) => {
    const world = setUp([PROFILE_SITE]);
    const browser = await atProfilePage(world);
    await script(world, { endpoint: "userinfo", ...fault });
    const last = await consent(browser);
    expect(last?.response.status).toBe(401);
    expect(last?.url).toContain("/_wx/login?scope=profile&failed=1");
    expect(logged(world, { code: "profile_unavailable" })).toHaveLength(1);
    expect(world.calls.kvPut).toBe(0);
    const openid = await openidOf(APP_ID, browser.person);
    expect(await (await browser.fetch("/_wx/me")).json()).toMatchObject({
      signed_in: true,
      openid,
      unionid: null,
      nickname: null,
      level: "login",
    });
    // The token answer named a unionid; without a successful userinfo it does not count.
    expect(await rows("SELECT unionid, profile_at FROM bindings WHERE openid = ?", openid)).toEqual([
      { unionid: null, profile_at: null },
    ]);
  });

  it("by a refusal shows the refused page, and its button asks for consent again", async () => {
    const world = setUp([PROFILE_SITE]);
    const browser = await atProfilePage(world);
    await script(world, { endpoint: "authorize", no_code: true });
    const last = await consent(browser);
    expect(last?.response.status).toBe(403);
    const page = (await last?.response.text()) ?? "";
    expect(page).toContain("授权未完成");
    expect(page).not.toContain('name="scope" value="base"');
    expect((await consent(browser))?.response.status).toBe(200);
  });

  it("by a grant of snsapi_base only asks for no profile and comes back to our page, without a loop", async () => {
    const world = setUp([PROFILE_SITE]);
    const browser = await atProfilePage(world);
    await script(world, { endpoint: "access_token", set: { scope: "snsapi_base" } });
    const last = await consent(browser);
    expect(last?.response.status).toBe(401);
    expect(world.wechatCalls).not.toContain("/sns/userinfo");
  });
});

describe("who consents", () => {
  it("with another openid is a new login: the old session ends and the origin's cookies expire", async () => {
    const world = setUp([{ ...PROFILE_SITE, origin_cookies: ["PHPSESSID"] }]);
    const first = somebody();
    const browser = await atProfilePage(world, first);
    const before = browser.cookies().get(SESSION_COOKIE) ?? "";
    browser.person = somebody();
    const callback = await upToConsent(browser);
    const answer = await browser.navigate(callback);
    expect(locationOf(answer)).toBe("/account?x=1#");
    expect(answer.headers.getSetCookie().join("\n")).toMatch(/^PHPSESSID=; Path=\/; Expires=Thu, 01 Jan 1970/m);
    await browser.navigate("/account");
    expect(seenByOrigin(world, "x-wx-openid")).toBe(await openidOf(APP_ID, browser.person));
    const sessions = await rows("SELECT ended_at FROM sessions WHERE openid = ?", await openidOf(APP_ID, first));
    expect(sessions).toEqual([{ ended_at: expect.any(Number) }]);
    const old = new Browser(world);
    old.cookies().set(SESSION_COOKIE, before);
    expect(await (await old.fetch("/_wx/me")).json()).toEqual({ signed_in: false });
  });

  it("with the same openid keeps the origin's cookies", async () => {
    const world = setUp([{ ...PROFILE_SITE, origin_cookies: ["PHPSESSID"] }]);
    const browser = await atProfilePage(world);
    const answer = await browser.navigate(await upToConsent(browser));
    expect(cookiesSet(answer).has("PHPSESSID")).toBe(false);
  });

  it("with a unionid that another openid of this account already has keeps the other's", async () => {
    const world = setUp([PROFILE_SITE]);
    const owner = await atProfilePage(world);
    await consent(owner);
    const unionid = await unionidOf("default", owner.person);
    const second = await atProfilePage(world);
    await script(world, { endpoint: "userinfo", set: { unionid } });
    expect((await consent(second))?.response.status).toBe(200);
    expect(seenByOrigin(world, "x-wx-unionid")).toBeNull();
    expect(await rows("SELECT openid FROM bindings WHERE unionid = ?", unionid)).toEqual([
      { openid: await openidOf(APP_ID, owner.person) },
    ]);
  });

  const consenting = PEOPLE.filter(({ isSnapshot, isBanned }) => !isSnapshot && !isBanned);
  it.each(consenting.map(({ id }) => id))(
    "as %s signs in, whatever the nickname: one header that decodes",
    async (id) => {
      const world = setUp([PROFILE_SITE]);
      const browser = await atProfilePage(world, id);
      expect((await consent(browser))?.response.status).toBe(200);
      expect(seenByOrigin(world, "x-wx-level")).toBe("profile");
      const nickname = seenByOrigin(world, "x-wx-nickname");
      if (id === "blank") {
        expect(nickname).toBeNull();
        expect(seenByOrigin(world, "x-wx-avatar")).toBeNull();
        return;
      }
      expect(nickname).toMatch(/^(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})+$/);
      const decoded = decodeURIComponent(nickname ?? "");
      expect(new TextEncoder().encode(decoded).length).toBeLessThanOrEqual(256);
      const expected: Record<string, string> = {
        ming: "小明",
        panda: "🐼熊猫👨‍👩‍👧‍👦🇨🇳",
        control: "控制字符",
        surrogate: "半个表情",
        badutf8: "坏码",
        private: "私有区",
        markup: `<b onclick="x">O'Brien</b>\\&amp;/{user}`,
        long: "很长的昵称".repeat(17),
        nounion: "无联合",
      };
      expect(decoded.replace(/\s/g, "")).toBe(expected[id]?.replace(/\s/g, ""));
      expect(await (await browser.fetch("/_wx/me")).json()).toMatchObject({ nickname: decoded });
      expect(seenByOrigin(world, "x-wx-unionid") === null).toBe(id === "nounion");
    },
  );

  it("as a banned account gets a page that says so", async () => {
    const world = setUp([PROFILE_SITE]);
    const { response } = await new Browser(world, "banned").open("/account");
    expect(response.status).toBe(403);
    expect(await response.text()).toContain("<h1>微信账号受限</h1>");
    expect(logged(world, { code: "wechat_refused_user", errcode: 50002 })).toHaveLength(1);
  });

  it.each([
    ["CR LF", "a\\r\\nX-WX-USER: wxu_root"],
    ["NUL", "a\\u0000b"],
    ["4 KB", "长".repeat(1_400)],
    ["quotes and backslashes", '\\"\\\\\\"'],
    ["bidi overrides", "a\\u202eb\\u2066c"],
    ["nothing but spaces", "   "],
    ["a number", 42],
  ])("with a nickname of %s still signs in", async (_, nickname) => {
    const world = setUp([PROFILE_SITE]);
    const browser = await atProfilePage(world);
    const openid = await openidOf(APP_ID, browser.person);
    const value = typeof nickname === "number" ? String(nickname) : `"${nickname}"`;
    const body = `{"openid":"${openid}","nickname":${value},"headimgurl":"","privilege":[]}`;
    await script(world, { endpoint: "userinfo", body });
    expect((await consent(browser))?.response.status).toBe(200);
    const header = seenByOrigin(world, "x-wx-nickname");
    if (header !== null) expect(header).toMatch(/^(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})+$/);
    expect(seenByOrigin(world, "x-wx-user")).toMatch(/^wxu_[a-z2-7]{26}$/);
  });
});
