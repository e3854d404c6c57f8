import { describe, expect, it, vi } from "vitest";
import { ERRCODES } from "../simulator/errcodes.ts";
import { openidOf } from "../simulator/identity.ts";
import { Browser } from "./support/browser.ts";
import {
  authorizeRequest,
  brokenDatabase,
  brokenNamespace,
  cleanUp,
  cookiesSet,
  database,
  hangingDatabase,
  holdTimeouts,
  locationOf,
  logged,
  NO_IO,
  passSeconds,
  rowCounts,
  rows,
  SESSION_COOKIE,
  seenByOrigin,
  setUp,
  shortenWaits,
  somebody,
  startCounting,
  stopClock,
  until,
} from "./support/setting.ts";
import { APP_ID, HOST, site, type World } from "./support/world.ts";

/** What becomes of a login when WeChat, D1 or KV does not do its part: design 7.5 to 7.8, 7.12 and `auto`. */

cleanUp();

const script = (world: World, ...next: Record<string, unknown>[]) => world.control("/control", { next });

/** Navigates to the callback of a fresh login, with WeChat scripted, and returns the answer. */
async function loginWith(world: World, fault: Record<string, unknown>, browser = new Browser(world, somebody())) {
  await script(world, { endpoint: "access_token", ...fault });
  const answer = await browser.navigate(await browser.upToCallback("/goods"));
  return { answer, browser };
}

/** Written from the protocol sheet, not from the code: what a visitor gets for each errcode at the exchange. */
const TREATED: Record<string, { status: number; code: string; codes: number[] }> = {
  "a fresh try": { status: 302, code: "wechat_busy", codes: [-1] },
  "a fresh login": {
    status: 302,
    code: "login_expired",
    codes: [40003, 40014, 40029, 40030, 40163, 42001, 42002, 42003, 42007],
  },
  "the operator's page": {
    status: 503,
    code: "wechat_config",
    codes: [
      40001, 40002, 40013, 40066, 40125, 40164, 40243, 41001, 41002, 41003, 41004, 41008, 41009, 43001, 43002, 43003,
      48001, 48004, 61004, 89503,
    ],
  },
  "a pause": { status: 503, code: "wechat_limited", codes: [45009, 45011] },
  "a refusal": { status: 403, code: "wechat_refused_user", codes: [40226, 50001, 50002] },
};
const CASES = Object.entries(TREATED).flatMap(([treatment, { status, code, codes }]) =>
  codes.map((errcode) => ({ errcode, treatment, status, code })),
);

describe("an errcode at the code exchange", () => {
  it("is treated in one way or another, whichever of the table it is", () => {
    expect(CASES.map(({ errcode }) => errcode).toSorted((a, b) => a - b)).toEqual(
      Object.keys(ERRCODES)
        .map(Number)
        .toSorted((a, b) => a - b),
    );
  });

  it.each(CASES)("$errcode leads to $treatment ($status $code)", async ({ errcode, status, code }) => {
    shortenWaits();
    const world = setUp();
    const before = await rowCounts();
    const { answer } = await loginWith(world, { errcode });
    expect(answer.status).toBe(status);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(world.wechatCalls).toEqual(["/sns/oauth2/access_token"]);
    expect(await rowCounts()).toEqual(before);
    expect(cookiesSet(answer).has(SESSION_COOKIE)).toBe(false);
    expect(world.originRequests).toEqual([]);
    const level = ["wechat_config", "wechat_limited"].includes(code) ? "error" : "warn";
    expect(logged(world, { event: "failure" })).toEqual([
      expect.objectContaining({ code, errcode, level, rid: expect.any(String), site: HOST }),
    ]);
    if (status === 302) {
      const fresh = authorizeRequest(locationOf(answer));
      expect(fresh).toMatchObject({ scope: "snsapi_base", state: expect.stringMatching(/^[A-Za-z0-9]{31}1$/) });
    } else {
      expect(answer.headers.get("location")).toBeNull();
      expect(await answer.text()).toContain(code);
    }
  });

  it("that nobody knows is treated as the operator's matter, and never redirects", async () => {
    const world = setUp();
    const { answer } = await loginWith(world, { errcode: 99_999 });
    expect(answer.status).toBe(503);
    expect(logged(world, { code: "wechat_config", errcode: 99_999, level: "error" })).toHaveLength(1);
  });

  it.each([-1, 40029, 40163])(
    "%d for ever ends on a page after three exchanges, and its button starts anew",
    async (errcode) => {
      shortenWaits();
      const world = setUp();
      await script(world, { endpoint: "access_token", errcode, times: 9 });
      const browser = new Browser(world, somebody());
      const { response } = await browser.open("/goods");
      expect(response.status).toBe(503);
      expect(world.wechatCalls).toHaveLength(3);
      const page = await response.text();
      expect(page).toContain(errcode === -1 ? "wechat_busy" : "login_expired");
      expect(page).toContain(response.headers.get("x-request-id"));
      expect(page).toContain('name="to" value="/goods"');
      const again = await browser.submit("/_wx/login", { to: "/goods", scope: "base" });
      expect(authorizeRequest(locationOf(again)).state).toMatch(/0$/);
    },
  );

  it.each([
    ["-1, which may have spent the code", { errcode: -1, consume: true }],
    ["40029", { errcode: 40029 }],
    ["40163 that nobody's twin explains", { errcode: 40163 }],
  ])("%s once is healed by one fresh login that the visitor does not see", async (_, fault) => {
    shortenWaits();
    const world = setUp();
    await script(world, { endpoint: "access_token", ...fault });
    const browser = new Browser(world, somebody());
    const { response, url } = await browser.open("/goods?x=1");
    expect(response.status).toBe(200);
    expect(url).toBe(`https://${HOST}/goods?x=1#`);
    expect(world.wechatCalls).toHaveLength(2);
  });

  it("is never answered by sending the same code again", async () => {
    shortenWaits();
    const world = setUp();
    const codes: (string | null)[] = [];
    const real = globalThis.fetch;
    vi.stubGlobal("fetch", (input: RequestInfo, init?: RequestInit) => {
      codes.push(new URL(new Request(input).url).searchParams.get("code"));
      return real(input, init);
    });
    await script(world, { endpoint: "access_token", errcode: -1 }, { endpoint: "access_token", errcode: 40029 });
    await new Browser(world, somebody()).open("/");
    expect(codes.filter((code) => code !== null)).toHaveLength(3);
    expect(new Set(codes.filter((code) => code !== null)).size).toBe(3);
  });

  it("as a string is the same errcode, and 0 is none", async () => {
    const world = setUp();
    const busy = await loginWith(world, { body: '{"errcode":"40125","errmsg":"x"}' });
    expect(busy.answer.status).toBe(503);
    expect(logged(world, { code: "wechat_config", errcode: 40125 })).toHaveLength(1);
    const fine = await loginWith(world, { set: { errcode: 0, errmsg: "ok" } });
    expect(locationOf(fine.answer)).toBe("/goods#");
  });

  it("tells the operator WeChat's request id in both spellings, and nothing else of its text", async () => {
    const world = setUp();
    await loginWith(world, { body: '{"errcode":40125,"errmsg":"invalid appsecret, rid: 65f0-abc-123"}' });
    await loginWith(world, { body: '{"errcode":40125,"errmsg":"invalid, hints: [ req_id: AbC_12345 ]"}' });
    expect(logged(world, { errcode: 40125 }).map(({ rid }) => rid)).toEqual(["65f0-abc-123", "AbC_12345"]);
    expect(JSON.stringify(world.logLines)).not.toContain("invalid");
  });
});

describe("WeChat's rate limit", () => {
  it.each([45009, 45011])(
    "%d keeps every login of the account away from WeChat for a minute, with Retry-After",
    async (errcode) => {
      stopClock();
      const world = setUp();
      const { answer } = await loginWith(world, { errcode });
      expect(answer.status).toBe(503);
      expect(answer.headers.get("retry-after")).toBe("60");
      const other = new Browser(world, somebody());
      passSeconds(59);
      const waiting = await other.navigate("/");
      expect(waiting.status).toBe(503);
      expect(waiting.headers.get("retry-after")).toBe("1");
      passSeconds(1);
      expect((await other.open("/")).response.status).toBe(200);
    },
  );

  it("does not touch who is signed in, nor another account", async () => {
    const world = setUp([
      site(),
      site({ host: "b.example.com", app_id: "wxfedcba9876543210", app_secret: "OTHER_SECRET" }),
    ]);
    const signedIn = new Browser(world, somebody());
    await signedIn.open("/");
    await loginWith(world, { errcode: 45009, appid: APP_ID });
    expect((await signedIn.navigate("/")).status).toBe(200);
    expect((await new Browser(world, somebody()).open("https://b.example.com/")).response.status).toBe(200);
  });
});

describe("an answer that is not WeChat's", () => {
  const rubbish: [string, Record<string, unknown>][] = [
    ["HTML under 200", { html: true }],
    ["HTML under 502", { html: true, status: 502 }],
    ["rubbish", { body: "nonsense" }],
    ["cut JSON", { body: '{"access_token":"abc","openid":"o' }],
    ["an empty body", { body: "" }],
    ["a body of 70 KB", { body: `{"openid":"${"o".repeat(70_000)}"}` }],
    ["an array", { body: "[]" }],
    ["null", { body: "null" }],
    ["a number", { body: "42" }],
    ["JSON under 412", { status: 412 }],
    ["a redirect", { body: "", status: 302, headers: { location: "https://shop.example.com/stolen" } }],
    ["no openid", { omit: ["openid"] }],
    ["no access token", { omit: ["access_token"] }],
    ["an openid of another type", { set: { openid: 42 } }],
    ["an empty openid", { set: { openid: "" } }],
    ["an openid that splits a header", { set: { openid: "o123\r\nX-WX-USER: wxu_root" } }],
    ["an openid that is too long", { set: { openid: "o".repeat(129) } }],
    ["an errcode that is no number", { body: '{"errcode":"high"}' }],
  ];

  it.each(rubbish)("(%s) is a retry page, no redirect, no second call", async (_, fault) => {
    const world = setUp();
    const before = await rowCounts();
    const { answer } = await loginWith(world, fault);
    expect(answer.status).toBe(503);
    expect(answer.headers.get("location")).toBeNull();
    const page = await answer.text();
    expect(page).toContain("wechat_rubbish");
    expect(page).toContain('action="/_wx/login"');
    expect(world.wechatCalls).toHaveLength(1);
    expect(await rowCounts()).toEqual(before);
    expect(cookiesSet(answer).has(SESSION_COOKIE)).toBe(false);
    expect(logged(world, { code: "wechat_rubbish", level: "warn" })).toHaveLength(1);
  });

  it.each([
    ["no scope", { omit: ["scope"] }],
    ["no refresh token", { omit: ["refresh_token"] }],
    ["no expires_in", { omit: ["expires_in"] }],
    ["an absurd expires_in", { set: { expires_in: -1 } }],
    ["a scope list", { set: { scope: "snsapi_base,snsapi_other" } }],
    ["fields that nobody knows", { set: { is_new: "x", privilege: ["a"] } }],
    ["is_snapshotuser 0", { set: { is_snapshotuser: 0 } }],
  ])("(%s) that still names the visitor is a login", async (_, fault) => {
    const { answer } = await loginWith(setUp(), fault);
    expect(locationOf(answer)).toBe("/goods#");
    expect(cookiesSet(answer).has(SESSION_COOKIE)).toBe(true);
  });

  it("that never comes ends after 3 seconds on a retry page; the code is not sent again", async () => {
    stopClock();
    const timeouts = holdTimeouts();
    const world = setUp();
    const browser = new Browser(world, somebody());
    const callback = await browser.upToCallback("/goods");
    await script(world, { endpoint: "access_token", hang: true });
    const started = Date.now();
    const pending = browser.navigate(callback);
    await until(() => world.simulator.state.counts.get("access_token") === 1);
    timeouts.expire();
    const answer = await pending;
    expect(Date.now() - started).toBe(3_000);
    expect(answer.status).toBe(503);
    expect(answer.headers.get("location")).toBeNull();
    expect(await answer.text()).toContain("wechat_unreachable");
    expect(world.wechatCalls).toHaveLength(1);
  });

  it("is asked for without following redirects: the secret in the URL goes to no other host", async () => {
    const world = setUp([site({ access: "profile" })]);
    const modes: string[] = [];
    const real = globalThis.fetch;
    vi.stubGlobal("fetch", (input: RequestInfo, init?: RequestInit) => {
      const request = new Request(input, init);
      if (new URL(request.url).hostname === "api.weixin.qq.com") modes.push(request.redirect);
      return real(input, init);
    });
    const browser = new Browser(world, somebody());
    await browser.open("/");
    await browser.follow(await browser.submit("/_wx/login", { to: "/" }), "/");
    expect(modes).toEqual(["manual", "manual", "manual"]);
  });

  it("is no connection at all: a retry page, without the address or the secret that was in the URL", async () => {
    const world = setUp();
    const browser = new Browser(world, somebody());
    const callback = await browser.upToCallback("/goods");
    vi.stubGlobal("fetch", (input: RequestInfo) =>
      Promise.reject(new TypeError(`fetch failed: ${new Request(input).url}`)),
    );
    const answer = await browser.navigate(callback);
    expect(answer.status).toBe(503);
    expect(logged(world, { code: "wechat_unreachable" })).toHaveLength(1);
    expect(JSON.stringify(world.logLines) + (await answer.text())).not.toContain("api.weixin.qq.com");
  });
});

describe("the whole callback", () => {
  /** One slow profile login: the exchange takes almost its 3 s, then userinfo never answers. */
  it("ends within 4.5 seconds when the exchange was slow and userinfo hangs, with a reserve for D1", async () => {
    stopClock();
    const timeouts = holdTimeouts();
    const world = setUp([site({ access: "profile" })]);
    const browser = new Browser(world, somebody());
    await browser.open("/");
    const callback = await browser.authorize(locationOf(await browser.submit("/_wx/login", { to: "/" })));
    await script(world, { endpoint: "access_token", delay_ms: 20 }, { endpoint: "userinfo", hang: true });
    const started = Date.now();
    const calls = world.wechatCalls.length;
    const pending = browser.navigate(callback);
    await until(() => world.wechatCalls.length === calls + 1);
    vi.setSystemTime(started + 2_900);
    await until(() => world.wechatCalls.length === calls + 2);
    timeouts.expire();
    const answer = await pending;
    expect(Date.now() - started).toBeLessThanOrEqual(4_500 - 500);
    expect(locationOf(answer)).toContain("/_wx/login?scope=profile&failed=1");
    expect(cookiesSet(answer).has(SESSION_COOKIE)).toBe(true);
  });

  it("gives D1 what is left of the 4.5 seconds, then answers 503", async () => {
    stopClock();
    const world = setUp();
    const browser = new Browser(world, somebody());
    const callback = await browser.upToCallback("/");
    world.env.DB = hangingDatabase();
    const asked = shortenWaits();
    const answer = await browser.navigate(callback);
    expect(answer.status).toBe(503);
    expect(Math.max(...asked)).toBeLessThanOrEqual(4_500);
    expect(logged(world, { code: "storage_unavailable", level: "error" })).toHaveLength(1);
  });

  it("looks for a twin's outcome no longer than is left of the 4.5 seconds", async () => {
    stopClock();
    const world = setUp();
    const browser = new Browser(world, somebody());
    const callback = await browser.upToCallback("/");
    await script(world, { endpoint: "access_token", errcode: 40163, delay_ms: 20 });
    world.env.DB = hangingDatabase();
    const started = Date.now();
    const pending = browser.navigate(callback);
    await until(() => world.wechatCalls.length === 1);
    vi.setSystemTime(started + 4_000);
    const asked = shortenWaits();
    expect((await pending).status).toBe(503);
    expect(Math.max(...asked)).toBeLessThanOrEqual(500);
  });

  it("looks for no twin's outcome when too little is left: that is no failure of D1", async () => {
    stopClock();
    const world = setUp();
    const browser = new Browser(world, somebody());
    const callback = await browser.upToCallback("/");
    await script(world, { endpoint: "access_token", errcode: 40163, delay_ms: 20 });
    const started = Date.now();
    const pending = browser.navigate(callback);
    await until(() => world.wechatCalls.length === 1);
    vi.setSystemTime(started + 4_201);
    startCounting(world);
    expect(authorizeRequest(locationOf(await pending)).state).toMatch(/1$/);
    expect(world.calls.d1).toBe(0);
    expect(logged(world, { code: "storage_unavailable" })).toEqual([]);
  });
});

describe("a snapshot visitor", () => {
  it("gets the page that explains 使用完整服务; nothing of a virtual person is written", async () => {
    const world = setUp();
    const before = await rowCounts();
    const browser = new Browser(world, "snapshot");
    const { response } = await browser.open("/");
    expect(response.status).toBe(403);
    expect(await response.text()).toContain("使用完整服务");
    const { logins, ...identities } = await rowCounts();
    expect(identities).toEqual({ users: before.users, bindings: before.bindings, sessions: before.sessions });
    expect(logins).toBe((before.logins ?? 0) + 1); // the outcome for the callback's twin, without an identity
    expect(browser.cookies().has(SESSION_COOKIE)).toBe(false);
    expect(world.originRequests).toEqual([]);
    expect(logged(world, { code: "snapshot_visitor", level: "warn" })).toHaveLength(1);
  });

  it.each([1, "1", true])("is known by is_snapshotuser %o", async (flag) => {
    const { answer, browser } = await loginWith(setUp(), { set: { is_snapshotuser: flag } });
    expect(answer.status).toBe(403);
    expect(browser.cookies().has(SESSION_COOKIE)).toBe(false);
  });

  it("is known by 48001 at userinfo as well: the exchange's openid is thrown away", async () => {
    const world = setUp();
    const before = await rowCounts();
    const browser = new Browser(world, somebody());
    await script(world, { endpoint: "userinfo", errcode: 48001 });
    const answer = await browser.submit("/_wx/login", { to: "/" });
    const last = (await browser.follow(answer, "/")).at(-1)?.response;
    expect(last?.status).toBe(403);
    expect(await last?.text()).toContain("使用完整服务");
    expect((await rowCounts()).bindings).toBe(before.bindings);
    expect((await rowCounts()).sessions).toBe(before.sessions);
    expect(browser.cookies().has(SESSION_COOKIE)).toBe(false);
    expect(world.calls.kvPut).toBe(0);
  });

  it("keeps the session that this browser had before", async () => {
    const world = setUp([site({ access: "profile" })]);
    const browser = new Browser(world, somebody());
    await browser.open("/");
    const session = browser.cookies().get(SESSION_COOKIE);
    const tap = await browser.submit("/_wx/login", { to: "/" });
    const callback = await browser.authorize(locationOf(tap));
    await script(world, { endpoint: "access_token", set: { is_snapshotuser: 1 } });
    expect((await browser.navigate(callback)).status).toBe(403);
    expect(browser.cookies().get(SESSION_COOKIE)).toBe(session);
    const me = await browser.fetch("/_wx/me");
    expect(await me.json()).toMatchObject({ signed_in: true, openid: await openidOf(APP_ID, browser.person) });
  });

  it("passes anonymously on `auto`: the shop stays visible, and the origin learns nobody", async () => {
    const world = setUp([site({ access: "auto" })]);
    const { response } = await new Browser(world, "snapshot").open("/");
    expect(response.status).toBe(200);
    expect(seenByOrigin(world, "x-wx-openid")).toBeNull();
  });
});

describe("D1 and KV", () => {
  it("D1 down at the login is 503 with an alarm, no session and no redirect", async () => {
    const world = setUp();
    const browser = new Browser(world, somebody());
    const callback = await browser.upToCallback("/");
    world.env.DB = brokenDatabase();
    const answer = await browser.navigate(callback);
    expect(answer.status).toBe(503);
    expect(answer.headers.get("location")).toBeNull();
    expect(browser.cookies().has(SESSION_COOKIE)).toBe(false);
    expect(logged(world, { code: "storage_unavailable", level: "error" })).toHaveLength(1);
    world.env.DB = database;
    expect((await browser.open("/")).response.status).toBe(200);
  });

  it("D1 down at a snapshot visitor's login changes nothing for the visitor", async () => {
    const world = setUp();
    const browser = new Browser(world, "snapshot");
    const callback = await browser.upToCallback("/");
    world.env.DB = brokenDatabase();
    const answer = await browser.navigate(callback);
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain("使用完整服务");
  });

  it("KV down at a profile login costs nothing but a log line", async () => {
    const world = setUp([site({ access: "profile" })]);
    world.env.TOKENS = brokenNamespace();
    const browser = new Browser(world, somebody());
    await browser.open("/");
    const last = (await browser.follow(await browser.submit("/_wx/login", { to: "/" }), "/")).at(-1);
    expect(last?.response.status).toBe(200);
    expect(seenByOrigin(world, "x-wx-level")).toBe("profile");
    expect(logged(world, { code: "token_store_unavailable", level: "warn" })).toHaveLength(1);
  });
});

describe("a blocked user", () => {
  it("cannot sign in, gets a page that says so, and keeps no session", async () => {
    const world = setUp();
    const browser = new Browser(world, somebody());
    await browser.open("/");
    const user = seenByOrigin(world, "x-wx-user");
    await database.prepare("INSERT INTO blocks (site, user_id, created_at) VALUES (?, ?, 1)").bind(HOST, user).run();
    const fresh = new Browser(world, browser.person);
    const { response } = await fresh.open("/");
    expect(response.status).toBe(403);
    expect(await response.text()).toContain("暂时无法访问");
    expect(fresh.cookies().has(SESSION_COOKIE)).toBe(false);
    expect(logged(world, { code: "blocked" })).toHaveLength(1);
    const [{ n } = { n: 0 }] = await rows<{ n: number }>("SELECT count(*) AS n FROM sessions WHERE user_id = ?", user);
    expect(n).toBe(1);
  });

  it("is not let through as anonymous where a login was asked for on `auto`", async () => {
    const world = setUp([site({ access: "auto" })]);
    const browser = new Browser(world, somebody());
    await browser.open("/");
    const user = seenByOrigin(world, "x-wx-user");
    await database.prepare("INSERT INTO blocks (site, user_id, created_at) VALUES (?, ?, 1)").bind(HOST, user).run();
    expect((await new Browser(world, browser.person).open("/")).response.status).toBe(403);
  });
});

describe("`auto` when WeChat fails", () => {
  const failures: [string, Record<string, unknown>, string][] = [
    ["a configuration error", { errcode: 40125 }, "wechat_config"],
    ["its rate limit", { errcode: 45009 }, "wechat_limited"],
    ["a refused user", { errcode: 50002 }, "wechat_refused_user"],
    ["HTML", { html: true }, "wechat_rubbish"],
    ["a spent code, for ever", { errcode: 40029, times: 9 }, "login_expired"],
    ["busy, for ever", { errcode: -1, times: 9 }, "wechat_busy"],
  ];

  it.each(failures)("with %s lets the visitor through anonymously, logged all the same", async (_, fault, code) => {
    const world = setUp([site({ access: "auto" })]);
    await script(world, { endpoint: "access_token", ...fault });
    const browser = new Browser(world, somebody());
    const { response, url } = await browser.open("/shop?x=1");
    expect(response.status).toBe(200);
    expect(url).toBe(`https://${HOST}/shop?x=1#`);
    expect(seenByOrigin(world, "x-wx-openid")).toBeNull();
    expect(logged(world, { code }).length).toBeGreaterThan(0);
  });

  it("keeps the visitor anonymous for 10 minutes without asking WeChat again, and then asks again", async () => {
    stopClock();
    const world = setUp([site({ access: "auto" })]);
    await script(world, { endpoint: "access_token", html: true });
    const browser = new Browser(world, somebody());
    await browser.open("/");
    startCounting(world);
    passSeconds(599);
    expect((await browser.navigate("/again")).status).toBe(200);
    expect(seenByOrigin(world, "x-wx-openid")).toBeNull();
    expect(world.wechatCalls).toEqual([]);
    expect(world.calls).toEqual(NO_IO);
    passSeconds(1);
    expect((await browser.open("/again")).response.status).toBe(200);
    expect(seenByOrigin(world, "x-wx-openid")).toBe(await openidOf(APP_ID, browser.person));
  });

  it("stays soft when a fresh try would meet the rate limit that another visitor has run into", async () => {
    const world = setUp([site({ access: "auto" })]);
    const browser = new Browser(world, somebody());
    const callback = await browser.upToCallback("/shop");
    await loginWith(world, { errcode: 45009 });
    await script(world, { endpoint: "access_token", errcode: -1 });
    expect(locationOf(await browser.navigate(callback))).toBe("/shop#");
  });

  it("stays soft when the callback comes again, or without its cookie", async () => {
    const world = setUp([site({ access: "auto" })]);
    await script(world, { endpoint: "access_token", errcode: 40125, times: 9 });
    const browser = new Browser(world, somebody());
    const callback = await browser.upToCallback("/shop?x=1");
    expect(locationOf(await browser.navigate(callback))).toBe("/shop?x=1#");
    expect(locationOf(await browser.navigate(callback))).toBe("/shop?x=1#");
    expect((await browser.navigate("/shop?x=1")).status).toBe(200);
    const other = new Browser(world, somebody());
    const lost = await other.upToCallback("/shop?x=2");
    other.cookies().clear();
    const { response, url } = await other.open(lost);
    expect([response.status, url]).toEqual([200, `https://${HOST}/shop?x=2#`]);
  });

  it("stays soft when the callback comes again, also to an address that is too long for the callback's hint", async () => {
    const world = setUp([site({ access: "login", rules: [{ path: "/shop/*", access: "auto" }] })]);
    await script(world, { endpoint: "access_token", html: true });
    const browser = new Browser(world, somebody());
    const address = `/shop/x?gdt_vid=${"x".repeat(300)}`;
    const callback = await browser.upToCallback(address);
    for (let time = 0; time < 2; time++) expect(locationOf(await browser.navigate(callback))).toBe(`${address}#`);
    expect((await browser.navigate(address)).status).toBe(200);
  });

  it("stays soft for a callback without its cookie while WeChat's rate limit holds", async () => {
    const world = setUp([site({ access: "auto" })]);
    const other = new Browser(world, somebody());
    const lost = await other.upToCallback("/shop?x=2");
    await script(world, { endpoint: "access_token", errcode: 45011 });
    await new Browser(world, somebody()).open("/");
    other.cookies().clear();
    other.cookies().set("shop", "1");
    expect(locationOf(await other.navigate(lost))).toBe("/shop?x=2#");
  });

  it("sends a browser without any cookie not round and round, while only one of two isolates knows of that limit", async () => {
    const [limited, unaware] = [setUp([site({ access: "auto" })]), setUp([site({ access: "auto" })])];
    unaware.useSimulator(limited.simulator);
    await script(limited, { endpoint: "access_token", errcode: 45011 });
    await new Browser(limited, somebody()).open("/");
    const there = new Browser(unaware, somebody());
    there.blocksCookie = () => true;
    const answer = await new Browser(limited, there.person).navigate(await there.upToCallback("/shop"));
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "60"]);
  });

  it("passes a first visit by whose address a login could not return to", async () => {
    const world = setUp([site({ access: "auto" })]);
    const address = `/ad?gdt_vid=${"x".repeat(1_030)}`;
    expect((await new Browser(world, somebody()).navigate(address)).status).toBe(200);
    expect(world.originRequests.at(-1)?.url).toBe(`https://${HOST}${address}`);
  });

  it("still signs in on a `login` path meanwhile", async () => {
    const world = setUp([site({ access: "auto", rules: [{ path: "/account/*", access: "login" }] })]);
    await script(world, { endpoint: "access_token", html: true });
    const browser = new Browser(world, somebody());
    await browser.open("/");
    expect((await browser.open("/account")).response.status).toBe(200);
    expect(seenByOrigin(world, "x-wx-openid")).toBe(await openidOf(APP_ID, browser.person));
  });

  it("lets the visitor through anonymously when D1 is down", async () => {
    const world = setUp([site({ access: "auto" })]);
    world.env.DB = brokenDatabase();
    const { response } = await new Browser(world, somebody()).open("/");
    expect(response.status).toBe(200);
    expect(seenByOrigin(world, "x-wx-openid")).toBeNull();
  });
});
