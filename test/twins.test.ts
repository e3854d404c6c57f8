import { describe, expect, it } from "vitest";
import { openidOf } from "../simulator/identity.ts";
import { fromBase64Url } from "../src/encoding.ts";
import { importSealingKeys, seal } from "../src/seal.ts";
import { Browser } from "./support/browser.ts";
import {
  allowTime,
  authorizeRequest,
  brokenDatabase,
  cleanUp,
  cookiesSet,
  database,
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
  slowDatabase,
  somebody,
  startCounting,
  stopClock,
} from "./support/setting.ts";
import { APP_ID, HOST, site, type World } from "./support/world.ts";

/**
 * One callback that comes more than once (design 7.6): in parallel, after one another, an hour later, from the back
 * button, from somebody else. And many people at the same moment.
 */

cleanUp();

const script = (world: World, ...next: Record<string, unknown>[]) => world.control("/control", { next });

/** The same browser's request once more, with the cookies of the moment when the first was sent. */
const twinOf = (browser: Browser) => {
  const twin = new Browser(browser.world, browser.person);
  twin.jar.set(HOST, new Map(browser.cookies()));
  return twin;
};

/** Who the origin sees with the session cookie that an answer set. */
async function userOf(world: World, response: Response): Promise<string | null> {
  const browser = new Browser(world);
  browser.keep(HOST, response);
  const marker = crypto.randomUUID();
  const answer = await browser.navigate(`/who/${marker}`);
  if (answer.status !== 200) return null;
  const seen = world.originRequests.find(({ url }) => url.includes(marker));
  return seen?.headers.get("x-wx-openid") ?? null;
}

describe("twins: the callback twice with one code", () => {
  it("in parallel, 50 times: both get a usable session of the same person, one exchange succeeds, no error page", async () => {
    allowTime();
    const world = setUp();
    const pairs = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const browser = new Browser(world, `test-pair-${index}`);
        return { browser, callback: await browser.upToCallback(`/page/${index}`) };
      }),
    );
    const answers = await Promise.all(
      pairs.map(({ browser, callback }) =>
        Promise.all([browser.navigate(callback), twinOf(browser).navigate(callback)]),
      ),
    );
    for (const [index, twins] of answers.entries()) {
      const openid = await openidOf(APP_ID, `test-pair-${index}`);
      for (const answer of twins) {
        expect(answer.status).toBe(302);
        expect(locationOf(answer)).toBe(`/page/${index}#`);
        expect(await userOf(world, answer)).toBe(openid);
      }
      const sessions = await rows("SELECT sid FROM sessions WHERE openid = ? AND ended_at IS NULL", openid);
      expect(sessions).toHaveLength(1);
    }
    const exchanges = world.simulator.state.calls.filter(({ endpoint }) => endpoint === "access_token");
    expect(exchanges.filter(({ errcode }) => errcode === null)).toHaveLength(50);
    expect(exchanges.filter(({ errcode }) => errcode === 40163)).toHaveLength(50);
    expect(logged(world, { event: "login", twin: true })).toHaveLength(50);
    expect(logged(world, { event: "failure" })).toEqual([]);
  }, 30_000);

  it("waits for the winner whose exchange is slow", async () => {
    allowTime();
    const world = setUp();
    const browser = new Browser(world, somebody());
    const callback = await browser.upToCallback("/");
    await script(world, { endpoint: "access_token", delay_ms: 250 });
    const twin = twinOf(browser);
    const answers = await Promise.all([browser.navigate(callback), twin.navigate(callback)]);
    const openid = await openidOf(APP_ID, browser.person);
    for (const answer of answers) {
      expect(locationOf(answer)).toBe("/#");
      expect(await userOf(world, answer)).toBe(openid);
    }
  });

  it.each([40163, 40029])("one after the other, the second with %d, gets the first one's session", async (errcode) => {
    const world = setUp();
    const browser = new Browser(world, somebody());
    const twin = twinOf(browser);
    const callback = await browser.upToCallback("/page");
    twin.jar.set(HOST, new Map(browser.cookies()));
    const first = await browser.navigate(callback);
    await script(world, { endpoint: "access_token", errcode });
    startCounting(world);
    const second = await twin.navigate(callback);
    expect(locationOf(second)).toBe("/page#");
    expect(await userOf(world, second)).toBe(await userOf(world, first));
    expect(world.wechatCalls).toHaveLength(1);
    expect(world.calls).toEqual({ ...NO_IO, d1: 1 });
  });

  it("one of which asked too late: the look for a 40029 is one round trip and no waiting", async () => {
    const waits = shortenWaits();
    const world = setUp();
    const browser = new Browser(world, somebody());
    const callback = await browser.upToCallback("/");
    await script(world, { endpoint: "access_token", errcode: 40029 });
    expect(authorizeRequest(locationOf(await browser.navigate(callback))).state).toMatch(/1$/);
    expect(world.calls.d1).toBe(1);
    expect(waits.filter((ms) => ms === 100)).toEqual([]);
  });

  it("with a used code that nobody explains: D1 is asked for at most a second", async () => {
    const waits = shortenWaits();
    const world = setUp();
    const browser = new Browser(world, somebody());
    const callback = await browser.upToCallback("/");
    await script(world, { endpoint: "access_token", errcode: 40163 });
    expect(authorizeRequest(locationOf(await browser.navigate(callback))).state).toMatch(/1$/);
    expect(world.calls.d1).toBeGreaterThan(1);
    expect(world.calls.d1).toBeLessThanOrEqual(11);
    expect(waits.filter((ms) => ms === 100).length * 100).toBeLessThanOrEqual(1_000);
  });

  it("whose look the end of the wait cuts short is no failure of a healthy, slow D1: a fresh try, no 503", async () => {
    const world = setUp();
    const browser = new Browser(world, somebody());
    const callback = await browser.upToCallback("/");
    await script(world, { endpoint: "access_token", errcode: 40163 });
    world.env.DB = slowDatabase(world.env.DB, 130);
    expect(authorizeRequest(locationOf(await browser.navigate(callback))).state).toMatch(/1$/);
    expect(logged(world, { code: "storage_unavailable" })).toEqual([]);
  });

  it("whose second look fails after D1 has answered the first is no failure of D1 either", async () => {
    shortenWaits();
    const world = setUp();
    const browser = new Browser(world, somebody());
    const callback = await browser.upToCallback("/");
    await script(world, { endpoint: "access_token", errcode: 40163 });
    const { DB } = world.env;
    let looks = 0;
    world.env.DB = new Proxy(DB, {
      get(target, property) {
        if (property === "prepare") return (sql: string) => (looks++ === 0 ? target : brokenDatabase()).prepare(sql);
        const value: unknown = Reflect.get(target, property);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    expect(authorizeRequest(locationOf(await browser.navigate(callback))).state).toMatch(/1$/);
    expect(looks).toBe(2);
    expect(logged(world, { code: "storage_unavailable" })).toEqual([]);
  });

  it("with two codes and one state, as Android sometimes does, are two logins of one person", async () => {
    const world = setUp();
    const browser = new Browser(world, somebody());
    const answer = await browser.navigate("/");
    const callbacks = [await browser.authorize(locationOf(answer)), await browser.authorize(locationOf(answer))];
    const twin = twinOf(browser);
    const answers = await Promise.all([browser.navigate(callbacks[0] ?? ""), twin.navigate(callbacks[1] ?? "")]);
    const openid = await openidOf(APP_ID, browser.person);
    for (const one of answers) expect(await userOf(world, one)).toBe(openid);
    expect(await rows("SELECT user_id FROM bindings WHERE openid = ?", openid)).toHaveLength(1);
  });

  it("of a person's very first login make one user", async () => {
    const world = setUp();
    const person = somebody();
    const before = await rowCounts();
    const browsers = Array.from({ length: 10 }, () => new Browser(world, person));
    await Promise.all(browsers.map((browser) => browser.open("/")));
    const after = await rowCounts();
    expect(after.users).toBe((before.users ?? 0) + 1);
    expect(after.bindings).toBe((before.bindings ?? 0) + 1);
    expect(logged(world, { event: "login", new_user: true })).toHaveLength(1);
    expect(new Set(world.originRequests.map(({ headers }) => headers.get("x-wx-user"))).size).toBe(1);
  });

  it("with the PC client's repeated code in two logins: the second goes through WeChat once more, unseen", async () => {
    shortenWaits();
    const world = setUp();
    const browser = new Browser(world, somebody());
    const first = await browser.upToCallback("/first");
    await script(world, { endpoint: "authorize", same_code: true });
    const second = await browser.upToCallback("/second");
    const codeOf = (url: string) => new URL(url).searchParams.get("code");
    expect(codeOf(second)).toBe(codeOf(first));
    expect(locationOf(await browser.navigate(first))).toBe("/first#");
    const last = (await browser.follow(await browser.navigate(second), second)).at(-1);
    expect(last?.url).toBe(`https://${HOST}/second#`);
    expect(last?.response.status).toBe(200);
  });
});

describe("an outcome is read by nobody but the browser that holds the attempt", () => {
  it("without any cookie: no call, no look in D1, no session; a login of one's own begins", async () => {
    const world = setUp();
    const victim = new Browser(world, somebody());
    const callback = await victim.upToCallback("/page");
    await victim.navigate(callback);
    startCounting(world);
    const thief = new Browser(world, somebody());
    const answer = await thief.navigate(callback);
    expect(authorizeRequest(locationOf(answer)).state).toMatch(/1$/);
    expect(cookiesSet(answer).has(SESSION_COOKIE)).toBe(false);
    expect(world.wechatCalls).toEqual([]);
    expect(world.calls).toEqual(NO_IO);
  });

  it("with an attempt of one's own, even under the victim's cookie name", async () => {
    const world = setUp();
    const [victim, thief] = [new Browser(world, somebody()), new Browser(world, somebody())];
    const callback = await victim.upToCallback("/page");
    const name = [...victim.cookies().keys()][0] ?? "";
    await victim.navigate(callback);
    await thief.upToCallback("/mine");
    thief.cookies().set(name, [...thief.cookies().values()][0] ?? "");
    startCounting(world);
    const answer = await thief.navigate(callback);
    expect(authorizeRequest(locationOf(answer)).state).toMatch(/1$/);
    expect(cookiesSet(answer).has(SESSION_COOKIE)).toBe(false);
    expect(world.wechatCalls).toEqual([]);
    expect(world.calls).toEqual(NO_IO);
  });

  it("with an attempt whose state begins alike: all 32 characters must be equal", async () => {
    const world = setUp();
    const victim = new Browser(world, somebody());
    const callback = await victim.upToCallback("/page");
    const state = new URL(callback).searchParams.get("state") ?? "";
    const secret = fromBase64Url(String(world.env.GATEWAY_SECRET));
    if (secret === null) throw new Error("the tests' own key");
    const now = Math.floor(Date.now() / 1_000);
    const alike = `${state.slice(0, 30)}${state[30] === "A" ? "B" : "A"}0`;
    for (const [own, exchanges] of [
      [state, 1],
      [alike, 0],
    ] as const) {
      const text = JSON.stringify(["open", own, "/mine", "base", 0, now, "login"]);
      const sealed = await seal(await importSealingKeys([secret]), ["attempt", HOST, APP_ID], text);
      const thief = new Browser(world, somebody());
      thief.cookies().set(`__Host-wx_a_${own.slice(0, 8)}`, sealed);
      startCounting(world);
      await thief.navigate(callback);
      expect(world.wechatCalls).toHaveLength(exchanges);
    }
  });

  it("with the victim's code in an attempt of one's own: the code is spent, and nothing of the victim's is found", async () => {
    shortenWaits();
    const world = setUp();
    const [victim, thief] = [new Browser(world, somebody()), new Browser(world, somebody())];
    const callback = await victim.upToCallback("/page");
    await victim.navigate(callback);
    const own = new URL(await thief.upToCallback("/mine"));
    own.searchParams.set("code", new URL(callback).searchParams.get("code") ?? "");
    const answer = await thief.navigate(own.href);
    expect(cookiesSet(answer).has(SESSION_COOKIE)).toBe(false);
    expect((await thief.follow(answer, "/")).at(-1)?.response.status).toBe(200);
    expect(seenByOrigin(world, "x-wx-openid")).toBe(await openidOf(APP_ID, thief.person));
  });

  it("holds a session id, a snapshot or a block, never a cookie or a code", async () => {
    const world = setUp();
    const browser = new Browser(world, somebody());
    const callback = await browser.upToCallback("/");
    const answer = await browser.navigate(callback);
    const { searchParams } = new URL(callback);
    const [row] = await rows("SELECT * FROM logins WHERE state = ?", searchParams.get("state"));
    expect(row).toEqual({
      state: searchParams.get("state"),
      outcome: "session",
      sid: expect.stringMatching(/^[a-z2-7]{26}$/),
      created_at: expect.any(Number),
    });
    expect(JSON.stringify(row)).not.toContain(searchParams.get("code"));
    expect(JSON.stringify(row)).not.toContain(cookiesSet(answer).get(SESSION_COOKIE)?.value);
  });
});

describe("the outcome that a twin finds", () => {
  it("counts only while its session lives: ended meanwhile, the visitor signs in afresh", async () => {
    shortenWaits();
    const world = setUp();
    const browser = new Browser(world, somebody());
    const callback = await browser.upToCallback("/");
    const twin = twinOf(browser);
    await browser.navigate(callback);
    await database
      .prepare("UPDATE sessions SET ended_at = 1 WHERE openid = ?")
      .bind(await openidOf(APP_ID, browser.person))
      .run();
    const answer = await twin.navigate(callback);
    expect(authorizeRequest(locationOf(answer)).state).toMatch(/1$/);
    expect(cookiesSet(answer).has(SESSION_COOKIE)).toBe(false);
  });

  it("counts only while its session lives: over by its lifetime, the visitor signs in afresh", async () => {
    stopClock();
    shortenWaits();
    const world = setUp([site({ session: { lifetime: "10s" } })]);
    const browser = new Browser(world, somebody());
    const callback = await browser.upToCallback("/");
    const twin = twinOf(browser);
    await browser.navigate(callback);
    passSeconds(11);
    const answer = await twin.navigate(callback);
    expect(authorizeRequest(locationOf(answer)).state).toMatch(/1$/);
  });

  it("is a block when the user was blocked meanwhile", async () => {
    const world = setUp();
    const browser = new Browser(world, somebody());
    const callback = await browser.upToCallback("/");
    const twin = twinOf(browser);
    await browser.open(callback);
    const user = seenByOrigin(world, "x-wx-user");
    await database.prepare("INSERT INTO blocks (site, user_id, created_at) VALUES (?, ?, 1)").bind(HOST, user).run();
    const answer = await twin.navigate(callback);
    expect(answer.status).toBe(403);
    expect(cookiesSet(answer).has(SESSION_COOKIE)).toBe(false);
    // And for the twins of a login that found the user blocked.
    const blocked = new Browser(world, browser.person);
    const second = await blocked.upToCallback("/");
    const statuses = await Promise.all([blocked.navigate(second), twinOf(blocked).navigate(second)]);
    expect(statuses.map(({ status }) => status)).toEqual([403, 403]);
  });

  it("is the snapshot page for a snapshot visitor's twin", async () => {
    const world = setUp();
    const browser = new Browser(world, "snapshot");
    const callback = await browser.upToCallback("/");
    const answers = await Promise.all([browser.navigate(callback), twinOf(browser).navigate(callback)]);
    for (const answer of answers) {
      expect(answer.status).toBe(403);
      expect(await answer.text()).toContain("使用完整服务");
      expect(cookiesSet(answer).has(SESSION_COOKIE)).toBe(false);
    }
  });

  it("of a profile login is the same profile session", async () => {
    const world = setUp([site({ access: "profile" })]);
    const browser = new Browser(world, somebody());
    await browser.open("/");
    const callback = await browser.authorize(locationOf(await browser.submit("/_wx/login", { to: "/" })));
    const answers = await Promise.all([browser.navigate(callback), twinOf(browser).navigate(callback)]);
    const openid = await openidOf(APP_ID, browser.person);
    for (const answer of answers) expect(await userOf(world, answer)).toBe(openid);
    expect(world.wechatCalls.filter((path) => path === "/sns/userinfo")).toHaveLength(1);
  });

  it.each([false, true])(
    "of a profile that D1 does not hold takes the place of no session that has it (the twin answers last: %s)",
    async (twinIsLast) => {
      allowTime();
      const world = setUp([site({ access: "profile", store_profile: false })]);
      const browser = new Browser(world, somebody());
      await browser.open("/shop");
      const callback = await browser.authorize(locationOf(await browser.submit("/_wx/login", { to: "/shop" })));
      const twin = twinOf(browser);
      const winner = await browser.navigate(callback);
      const second = await twin.navigate(callback);
      const last = twinIsLast ? second : winner;
      browser.keep(HOST, last);
      expect(cookiesSet(second).has(SESSION_COOKIE)).toBe(false);
      // By our profile page, which passes who has a profile, and asks who has none.
      const { response, url } = (await browser.follow(last, callback)).at(-1) ?? {};
      // No hop hands WeChat's own `#wechat_redirect` on.
      expect(new URL(locationOf(second), callback).href).toMatch(/#$/);
      expect([response?.status, url?.replace("#", "")]).toEqual([200, `https://${HOST}/shop`]);
      expect(seenByOrigin(world, "x-wx-nickname")).not.toBeNull();
      const hop = (await twin.follow(second, callback)).at(-1)?.response ?? new Response();
      expect(hop.status).toBe(401);
      // This answer may come after the winner's, too.
      expect(cookiesSet(hop).has(SESSION_COOKIE)).toBe(false);
    },
  );

  it("of a profile that D1 does not hold is a session all the same, where the browser was another person's", async () => {
    allowTime();
    const world = setUp([site({ store_profile: false })]);
    const browser = new Browser(world, somebody());
    await browser.open("/shop");
    browser.person = somebody();
    const callback = await browser.authorize(locationOf(await browser.submit("/_wx/login", { to: "/shop" })));
    await twinOf(browser).navigate(callback); // its answer is lost
    await browser.follow(await browser.navigate(callback), callback);
    await browser.navigate("/shop");
    expect(seenByOrigin(world, "x-wx-openid")).toBe(await openidOf(APP_ID, browser.person));
  });

  it("of a profile that D1 does not hold, loaded again later, leaves the session that lives", async () => {
    allowTime();
    const world = setUp([site({ store_profile: false })]);
    const browser = new Browser(world, somebody());
    const callback = await browser.authorize(locationOf(await browser.submit("/_wx/login", { to: "/shop" })));
    await twinOf(browser).navigate(callback); // its answer is lost
    await browser.open("/home");
    await browser.follow(await browser.navigate(callback), callback);
    expect(await (await browser.navigate("/_wx/me")).json()).toMatchObject({ signed_in: true });
  });
});

describe("a callback that comes again", () => {
  it("from the back button goes on to its page, without a call or a new session", async () => {
    const world = setUp();
    const browser = new Browser(world, somebody());
    const callback = await browser.upToCallback("/page?x=1");
    await browser.navigate(callback);
    startCounting(world);
    for (let back = 0; back < 3; back++) {
      const answer = await browser.navigate(callback);
      expect(locationOf(answer)).toBe("/page?x=1#");
      expect(answer.headers.get("set-cookie")).toBeNull();
    }
    expect(world.wechatCalls).toEqual([]);
    expect(world.calls).toEqual(NO_IO);
  });

  it("goes on to its page also where that is too long for the callback's hint: the marker knows it", async () => {
    const world = setUp();
    const browser = new Browser(world, somebody());
    const address = `/page?gdt_vid=${"x".repeat(1_000)}`;
    const callback = await browser.upToCallback(address);
    for (let time = 0; time < 2; time++) expect(locationOf(await browser.navigate(callback))).toBe(`${address}#`);
    expect(world.wechatCalls).toHaveLength(1);
  });

  it("an hour later with the session goes on to its page, after D1 confirmed the session", async () => {
    stopClock();
    const world = setUp();
    const browser = new Browser(world, somebody());
    const callback = await browser.upToCallback("/page");
    await browser.navigate(callback);
    passSeconds(3_600);
    startCounting(world);
    expect(locationOf(await browser.navigate(callback))).toBe("/page#");
    expect(world.wechatCalls).toEqual([]);
  });

  it("an hour later with the attempt's cookie and no session signs in afresh; the old code is not sent", async () => {
    stopClock();
    const world = setUp();
    const browser = new Browser(world, somebody());
    const callback = await browser.upToCallback("/page");
    const kept = twinOf(browser);
    await browser.navigate(callback);
    passSeconds(3_600);
    startCounting(world);
    const answer = await kept.navigate(callback);
    expect(authorizeRequest(locationOf(answer)).state).toMatch(/1$/);
    expect(world.wechatCalls).toEqual([]);
    expect((await kept.follow(answer, callback)).at(-1)?.url).toBe(`https://${HOST}/page#`);
  });

  it("after a sign-out shows the signed-out page: nobody is signed in by going back", async () => {
    const world = setUp();
    const browser = new Browser(world, somebody());
    const callback = await browser.upToCallback("/page");
    await browser.navigate(callback);
    await browser.submit("/_wx/logout");
    startCounting(world);
    const answer = await browser.navigate(callback);
    expect(answer.status).toBe(401);
    expect(await answer.text()).toContain("已退出登录");
    expect(cookiesSet(answer).has(SESSION_COOKIE)).toBe(false);
    expect(world.wechatCalls).toEqual([]);
  });

  it("outside WeChat shows the guide: a shared link never loops", async () => {
    const world = setUp();
    const callback = await new Browser(world, somebody()).upToCallback("/page?x=1");
    const desktop = new Browser(world, "ming", "Mozilla/5.0 (X11; Linux x86_64) Chrome/142.0.0.0 Safari/537.36");
    const answer = await desktop.navigate(callback);
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain(`https://${HOST}/page?x=1`);
    expect(world.wechatCalls).toEqual([]);
  });
});

describe("1,000 people at the same moment in one isolate", () => {
  it("each get their own session and no other's headers", async () => {
    allowTime();
    const world = setUp();
    const people = Array.from({ length: 1_000 }, (_, index) => `test-crowd-${index}`);
    await Promise.all(
      people.map(async (person) => {
        const { response, url } = await new Browser(world, person).open(`/mine/${person}`);
        expect(response.status).toBe(200);
        expect(url).toBe(`https://${HOST}/mine/${person}#`);
      }),
    );
    expect(world.originRequests).toHaveLength(1_000);
    for (const { url, headers } of world.originRequests) {
      const person = new URL(url).pathname.slice("/mine/".length);
      expect(headers.get("x-wx-openid")).toBe(await openidOf(APP_ID, person));
    }
    const users = world.originRequests.map(({ headers }) => headers.get("x-wx-user"));
    expect(new Set(users).size).toBe(1_000);
    expect(world.calls).toEqual({ ...NO_IO, d1: 1_000 });
    expect(world.wechatCalls).toHaveLength(1_000);
  }, 30_000);
});
