import { describe, expect, it, vi } from "vitest";
import { openidOf } from "../simulator/identity.ts";
import { fromBase64Url } from "../src/encoding.ts";
import { importSealingKeys, seal } from "../src/seal.ts";
import { Browser, DESKTOP_USER_AGENT } from "./support/browser.ts";
import {
  authorizeRequest,
  brokenDatabase,
  cleanUp,
  cookiesSet,
  database,
  hangingDatabase,
  lastOriginRequest,
  locationOf,
  logged,
  NO_IO,
  passSeconds,
  rows,
  SESSION_COOKIE,
  SIGNED_OUT_COOKIE,
  seenByOrigin,
  setUp,
  shortenWaits,
  somebody,
  startCounting,
  stopClock,
  until,
} from "./support/setting.ts";
import { APP_ID, HOST, site, type World } from "./support/world.ts";

/** The session's clock, its end, and its renewal: design 7.12 and the paragraph after it. */

cleanUp();

const RECHECK = 300;
const RENEW = 2 * 3_600;
const LIFETIME = 24 * 3_600;

const script = (world: World, ...next: Record<string, unknown>[]) => world.control("/control", { next });

async function signedIn(world: World, person = somebody()): Promise<Browser> {
  const browser = new Browser(world, person);
  const { response } = await browser.open("/");
  expect(response.status).toBe(200);
  startCounting(world);
  world.originRequests.length = 0;
  return browser;
}

/** The same browser at another isolate: it shares keys, D1 and KV, and remembers nothing. */
function atAnotherIsolate(browser: Browser, world: World): Browser {
  const moved = new Browser(world, browser.person);
  moved.jar.set(HOST, new Map(browser.cookies()));
  return moved;
}

/** The next single read has its answer from D1 at once, and hands it over when told, or an error instead. */
function lateRead(world: World) {
  const { DB } = world.env;
  const told = Promise.withResolvers<void>();
  const read = { asked: false, answer: () => told.resolve(), fail: () => told.reject(new Error("D1_ERROR: late")) };
  const lately = (statement: D1PreparedStatement): D1PreparedStatement =>
    new Proxy(statement, {
      get(target, property) {
        if (property === "bind") return (...values: unknown[]) => lately(target.bind(...values));
        if (property !== "first") return Reflect.get(target, property);
        return async () => {
          world.env.DB = DB;
          const row = await target.first();
          read.asked = true;
          await told.promise;
          return row;
        };
      },
    });
  world.env.DB = new Proxy(DB, {
    get(target, property) {
      if (property === "prepare") return (sql: string) => lately(target.prepare(sql));
      const value: unknown = Reflect.get(target, property);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return read;
}

const block = (user: string | null) =>
  database.prepare("INSERT INTO blocks (site, user_id, created_at) VALUES (?, ?, 1)").bind(HOST, user).run();

describe("a signed-in request", () => {
  it("does no I/O at all within `recheck`: no D1, no KV, no WeChat", async () => {
    const world = setUp();
    const browser = await signedIn(world);
    for (const path of ["/", "/a", "/b?c"]) expect((await browser.navigate(path)).status).toBe(200);
    expect((await browser.fetch("/api", { method: "POST", body: "x" })).status).toBe(200);
    await browser.fetch("/_wx/me");
    await browser.fetch("/_wx/check");
    expect(world.calls).toEqual(NO_IO);
    expect(world.wechatCalls).toEqual([]);
    expect(world.originRequests).toHaveLength(4);
  });

  it("gets no cookie of ours within `recheck`", async () => {
    const browser = await signedIn(setUp());
    expect((await browser.navigate("/")).headers.get("set-cookie")).toBeNull();
  });

  it("is nobody's after the cookie was cut, flipped or emptied, and no error", async () => {
    const world = setUp();
    const browser = await signedIn(world);
    const good = browser.cookies().get(SESSION_COOKIE) ?? "";
    const flipped = `${good.slice(0, 60)}${good[60] === "A" ? "B" : "A"}${good.slice(61)}`;
    for (const bad of ["", good.slice(0, -4), flipped, good.slice(0, 20), `${good}AAAA`]) {
      browser.cookies().set(SESSION_COOKIE, bad);
      expect(await (await browser.fetch("/_wx/me")).json()).toEqual({ signed_in: false });
      browser.cookies().set(SESSION_COOKIE, bad);
      expect((await browser.fetch("/api")).status).toBe(401);
    }
    expect(world.originRequests).toEqual([]);
  });
});

describe("`recheck`", () => {
  it("is believed to the second, then D1 is read once, and the session is sealed anew", async () => {
    stopClock();
    const world = setUp();
    const browser = await signedIn(world);
    passSeconds(RECHECK - 1);
    const before = await browser.navigate("/");
    expect(world.calls).toEqual(NO_IO);
    expect(before.headers.get("set-cookie")).toBeNull();
    passSeconds(1);
    const after = await browser.navigate("/");
    expect(after.status).toBe(200);
    expect(world.calls).toEqual({ ...NO_IO, d1: 1 });
    expect([...cookiesSet(after).keys()]).toEqual([SESSION_COOKIE]);
    expect(after.headers.get("cache-control")).toMatch(/private/);
    passSeconds(RECHECK - 1);
    await browser.navigate("/");
    expect(world.calls).toEqual({ ...NO_IO, d1: 1 });
  });

  it("is remembered by this isolate, also for a browser that did not keep the new cookie", async () => {
    stopClock();
    const world = setUp();
    const browser = await signedIn(world);
    browser.blocksCookie = () => true;
    passSeconds(RECHECK);
    await browser.navigate("/");
    passSeconds(RECHECK - 1);
    await browser.navigate("/");
    expect(world.calls).toEqual({ ...NO_IO, d1: 1 });
    passSeconds(1);
    await browser.navigate("/");
    expect(world.calls).toEqual({ ...NO_IO, d1: 2 });
  });

  it("counts from the sealed moment at an isolate that never saw the session", async () => {
    stopClock();
    const browser = await signedIn(setUp());
    const world = setUp();
    const moved = atAnotherIsolate(browser, world);
    passSeconds(RECHECK - 1);
    expect((await moved.navigate("/")).status).toBe(200);
    expect(world.calls).toEqual(NO_IO);
    passSeconds(1);
    expect((await moved.navigate("/")).status).toBe(200);
    expect(world.calls).toEqual({ ...NO_IO, d1: 1 });
  });

  it("counts from the newest answer: a cookie that another isolate has sealed since needs no check", async () => {
    stopClock();
    const world = setUp();
    const browser = await signedIn(world);
    browser.blocksCookie = () => true;
    passSeconds(RECHECK);
    await browser.navigate("/"); // here D1 was asked
    passSeconds(RECHECK - 1);
    const elsewhere = atAnotherIsolate(browser, setUp());
    await elsewhere.navigate("/"); // and there, a little later
    startCounting(world);
    const back = atAnotherIsolate(elsewhere, world);
    passSeconds(RECHECK - 1);
    expect((await back.navigate("/")).status).toBe(200);
    expect(world.calls).toEqual(NO_IO);
  });

  it("is the site's own number", async () => {
    stopClock();
    const world = setUp([site({ session: { recheck: "30s" } })]);
    const browser = await signedIn(world);
    passSeconds(29);
    await browser.navigate("/");
    expect(world.calls.d1).toBe(0);
    passSeconds(1);
    await browser.navigate("/");
    expect(world.calls.d1).toBe(1);
  });

  it("brings what changed in D1: the site's own id for the user", async () => {
    stopClock();
    const world = setUp();
    const browser = await signedIn(world);
    await browser.navigate("/");
    const user = seenByOrigin(world, "x-wx-user");
    expect(seenByOrigin(world, "x-wx-site-user")).toBeNull();
    await database
      .prepare("INSERT INTO site_users (site, user_id, site_user) VALUES (?, ?, 'customer-42')")
      .bind(HOST, user)
      .run();
    passSeconds(RECHECK);
    await browser.navigate("/");
    expect(seenByOrigin(world, "x-wx-site-user")).toBe("customer-42");
    await browser.navigate("/");
    expect(seenByOrigin(world, "x-wx-site-user")).toBe("customer-42");
  });

  it("does not touch a 101: the WebSocket is handed on as it is", async () => {
    stopClock();
    const world = setUp();
    const browser = await signedIn(world);
    world.setOrigin(() => {
      const [client, server] = Object.values(new WebSocketPair());
      server?.accept();
      return new Response(null, { status: 101, webSocket: client ?? null });
    });
    passSeconds(RECHECK);
    const seal = vi.spyOn(crypto.subtle, "encrypt");
    const answer = await browser.request("/socket", {
      headers: { upgrade: "websocket", origin: `https://${HOST}`, "sec-fetch-mode": "websocket" },
    });
    expect(answer.status).toBe(101);
    expect(answer.webSocket).not.toBeNull();
    expect(answer.headers.get("set-cookie")).toBeNull();
    expect(seal).not.toHaveBeenCalled();
    expect(world.calls.d1).toBe(1);
    expect(lastOriginRequest(world).headers.get("x-wx-openid")).toBe(await openidOf(APP_ID, browser.person));
    answer.webSocket?.accept();
    answer.webSocket?.close();
  });
});

describe("the lifetime", () => {
  it("is absolute and ends to the second, however often the session was used", async () => {
    stopClock();
    const world = setUp();
    const browser = await signedIn(world);
    const isSignedIn = async () =>
      ((await (await browser.fetch("/_wx/me")).json()) as { signed_in: boolean }).signed_in;
    for (let hour = 0; hour < 23; hour++) {
      passSeconds(3_600);
      expect(await isSignedIn()).toBe(true);
    }
    passSeconds(3_599);
    expect(await isSignedIn()).toBe(true);
    passSeconds(1);
    expect(await isSignedIn()).toBe(false);
    expect((await browser.fetch("/api")).status).toBe(401);
    expect((await browser.navigate("/")).status).toBe(302);
  });

  it("needs no I/O to be over", async () => {
    stopClock();
    const world = setUp();
    const browser = await signedIn(world);
    passSeconds(LIFETIME);
    await browser.fetch("/api");
    expect(world.calls).toEqual(NO_IO);
  });

  it("follows the present configuration, not that of the sign-in", async () => {
    stopClock();
    const browser = await signedIn(setUp());
    passSeconds(3_600);
    const shorter = setUp([site({ session: { lifetime: "1h", renew: "30m" } })]);
    expect((await atAnotherIsolate(browser, shorter).fetch("/api")).status).toBe(401);
  });
});

describe("a block or an end in D1", () => {
  it("of the user holds within `recheck`, and leads to the blocked page", async () => {
    stopClock();
    const world = setUp();
    const browser = await signedIn(world);
    await browser.navigate("/");
    await block(seenByOrigin(world, "x-wx-user"));
    passSeconds(RECHECK - 1);
    expect((await browser.fetch("/api")).status).toBe(200);
    passSeconds(1);
    const refused = await browser.fetch("/api");
    expect(refused.status).toBe(401);
    // The cookie stays, as one that is long over: it costs no more I/O and still tells whose browser this was.
    const asked = world.calls.d1;
    expect((await browser.fetch("/api")).status).toBe(401);
    expect(world.calls.d1).toBe(asked);
    expect((await browser.open("/")).response.status).toBe(403);
  });

  it("is written into the cookie by navigations only: a script's late answer overwrites no newer sign-in", async () => {
    stopClock();
    const world = setUp();
    const browser = await signedIn(world);
    await browser.navigate("/");
    await block(seenByOrigin(world, "x-wx-user"));
    passSeconds(RECHECK);
    expect((await browser.fetch("/api")).headers.getSetCookie()).toEqual([]);
    expect(cookiesSet(await browser.navigate("/")).has(SESSION_COOKIE)).toBe(true);
  });

  it("holds for every cookie of the session at once, after one of them found out", async () => {
    stopClock();
    const world = setUp();
    const browser = await signedIn(world);
    await browser.navigate("/");
    const copy = atAnotherIsolate(browser, world);
    await block(seenByOrigin(world, "x-wx-user"));
    passSeconds(RECHECK);
    await browser.fetch("/api");
    startCounting(world);
    expect((await copy.fetch("/api")).status).toBe(401);
    expect(world.calls).toEqual(NO_IO);
  });

  it("is undone by unblocking: the user signs in again", async () => {
    stopClock();
    const world = setUp();
    const browser = await signedIn(world);
    await browser.navigate("/");
    const user = seenByOrigin(world, "x-wx-user");
    await block(user);
    passSeconds(RECHECK);
    await browser.open("/");
    await database.prepare("DELETE FROM blocks WHERE user_id = ?").bind(user).run();
    expect((await browser.open("/")).response.status).toBe(200);
    expect(seenByOrigin(world, "x-wx-user")).toBe(user);
  });

  it("of one site is nothing on another", async () => {
    stopClock();
    const other = "b.example.com";
    const world = setUp([site(), site({ host: other })]);
    const browser = await signedIn(world);
    await browser.navigate("/");
    await browser.open(`https://${other}/`);
    await block(seenByOrigin(world, "x-wx-user"));
    passSeconds(RECHECK);
    expect((await browser.fetch(`https://${other}/api`)).status).toBe(200);
    expect((await browser.fetch("/api")).status).toBe(401);
  });

  it("of a row that is gone ends the session as well", async () => {
    stopClock();
    const world = setUp();
    const browser = await signedIn(world);
    await database
      .prepare("DELETE FROM sessions WHERE openid = ?")
      .bind(await openidOf(APP_ID, browser.person))
      .run();
    passSeconds(RECHECK);
    expect((await browser.fetch("/api")).status).toBe(401);
  });
});

describe("a sign-out", () => {
  it("holds at once in its isolate, also for a copy of the cookie, and everywhere within `recheck`", async () => {
    stopClock();
    const world = setUp();
    const browser = await signedIn(world);
    const copy = atAnotherIsolate(browser, world);
    const elsewhere = atAnotherIsolate(browser, setUp());
    expect((await browser.submit("/_wx/logout")).status).toBe(200);
    expect((await copy.fetch("/api")).status).toBe(401);
    passSeconds(RECHECK - 1);
    expect((await elsewhere.fetch("/api")).status).toBe(200);
    passSeconds(1);
    expect((await elsewhere.fetch("/api")).status).toBe(401);
  });

  it("is not undone by a prefetch of the sign-in, only by a tap on it", async () => {
    const world = setUp();
    const browser = await signedIn(world);
    await browser.submit("/_wx/logout");
    const ahead = await browser.navigate("/_wx/login?to=/", { "sec-purpose": "prefetch" });
    expect([ahead.status, browser.cookies().has(SIGNED_OUT_COOKIE)]).toEqual([401, true]);
    const tap = await browser.navigate("/_wx/login?to=/");
    expect([tap.status, browser.cookies().has(SIGNED_OUT_COOKIE)]).toEqual([302, false]);
  });

  it.each(["answers", "fails"])("holds also for a check that was under way, where D1 then %s", async (how) => {
    stopClock();
    const world = setUp();
    const browser = await signedIn(world);
    const copy = atAnotherIsolate(browser, world);
    passSeconds(RECHECK);
    const late = lateRead(world);
    const pending = copy.fetch("/api");
    await until(() => late.asked);
    await browser.submit("/_wx/logout");
    if (how === "answers") late.answer();
    else late.fail();
    const answer = await pending;
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([401, []]);
    expect((await copy.fetch("/api")).status).toBe(401);
  });

  it("ends the row in D1 once and for all", async () => {
    const world = setUp();
    const browser = await signedIn(world);
    await browser.submit("/_wx/logout");
    expect(world.calls).toEqual({ ...NO_IO, d1: 1 });
    const ended = await rows("SELECT ended_at FROM sessions WHERE openid = ?", await openidOf(APP_ID, browser.person));
    expect(ended).toEqual([{ ended_at: expect.any(Number) }]);
  });

  it("that is repeated at another isolate is one event", async () => {
    const world = setUp();
    const browser = await signedIn(world);
    await browser.navigate("/");
    const user = seenByOrigin(world, "x-wx-user");
    const elsewhere = atAnotherIsolate(browser, setUp());
    for (const each of [browser, elsewhere]) expect((await each.submit("/_wx/logout")).status).toBe(200);
    expect(await rows("SELECT actor FROM events WHERE kind = 'end' AND user_id = ?", user)).toEqual([
      { actor: "visitor" },
    ]);
  });
});

describe("D1 down", () => {
  it("serves a session for one further `recheck`, then 503 on a gated path, and again when D1 is back", async () => {
    stopClock();
    const world = setUp();
    const browser = await signedIn(world);
    world.env.DB = brokenDatabase();
    passSeconds(RECHECK);
    expect((await browser.navigate("/")).status).toBe(200);
    passSeconds(RECHECK - 1);
    const last = await browser.fetch("/api");
    expect(last.status).toBe(200);
    expect(last.headers.get("set-cookie")).toBeNull();
    expect(seenByOrigin(world, "x-wx-openid")).toBe(await openidOf(APP_ID, browser.person));
    passSeconds(1);
    const forwarded = world.originRequests.length;
    const page = await browser.navigate("/");
    expect(page.status).toBe(503);
    expect(await page.text()).toContain("storage_unavailable");
    expect(await (await browser.fetch("/api")).json()).toMatchObject({ code: "storage_unavailable" });
    expect((await browser.fetch("/_wx/check")).status).toBe(503);
    expect(world.originRequests).toHaveLength(forwarded);
    expect(logged(world, { code: "storage_unavailable", level: "error" }).length).toBeGreaterThanOrEqual(3);
    world.env.DB = database;
    expect((await browser.navigate("/")).status).toBe(200);
  });

  it("lets one visitor wait for its silence, and not everybody after that", async () => {
    stopClock();
    const world = setUp();
    const overdue = await signedIn(world);
    passSeconds(RECHECK);
    const browser = await signedIn(world);
    const other = await signedIn(world);
    passSeconds(RECHECK);
    const waits = shortenWaits();
    world.env.DB = hangingDatabase();
    for (const each of [browser, browser, other]) expect((await each.fetch("/api")).status).toBe(200);
    expect(waits).toHaveLength(1);
    world.env.DB = database;
    // Whom D1 alone can vouch for asks all the same: it may be well again.
    expect((await overdue.fetch("/api")).status).toBe(200);
    passSeconds(5);
    expect((await other.navigate("/")).headers.getSetCookie()).toHaveLength(1);
  });

  it("is asked by one of many at once after its silence, until it answers", async () => {
    stopClock();
    const world = setUp();
    const browsers: Browser[] = [];
    for (let count = 0; count < 5; count++) browsers.push(await signedIn(world));
    const [first] = browsers;
    passSeconds(RECHECK);
    const waits = shortenWaits();
    world.env.DB = hangingDatabase();
    await first?.fetch("/api");
    passSeconds(5);
    const all = () => Promise.all(browsers.map((browser) => browser.fetch("/api")));
    expect((await all()).map(({ status }) => status)).toEqual(Array(5).fill(200));
    expect(waits).toHaveLength(2);
    world.env.DB = database;
    passSeconds(5);
    await all();
    expect((await all()).flatMap((answer) => answer.headers.getSetCookie())).toHaveLength(4);
  });

  it("is silent no more once it answers, be it with an error", async () => {
    stopClock();
    const world = setUp();
    const [first, second] = [await signedIn(world), await signedIn(world)];
    passSeconds(RECHECK);
    shortenWaits();
    world.env.DB = hangingDatabase();
    await first.fetch("/api");
    passSeconds(5);
    world.env.DB = brokenDatabase();
    await first.fetch("/api");
    world.env.DB = database;
    expect((await second.navigate("/")).headers.getSetCookie()).toHaveLength(1);
  });

  it("keeps the cookie of who got 503: nobody is signed out by it", async () => {
    stopClock();
    const world = setUp();
    const browser = await signedIn(world);
    world.env.DB = brokenDatabase();
    passSeconds(2 * RECHECK);
    expect((await browser.navigate("/")).headers.get("set-cookie")).toBeNull();
    expect(await (await browser.fetch("/_wx/me")).json()).toEqual({ signed_in: false });
    expect(browser.cookies().has(SESSION_COOKIE)).toBe(true);
  });

  it("answers 503 on the weaker levels too, once a session can no longer be served: the origin sees nothing", async () => {
    stopClock();
    const rules = [
      { path: "/o", access: "optional" },
      { path: "/a", access: "auto" },
    ];
    const world = setUp([site({ rules })]);
    const browser = await signedIn(world);
    world.env.DB = brokenDatabase();
    passSeconds(2 * RECHECK);
    const seen = world.originRequests.length;
    for (const path of ["/o", "/a"]) expect((await browser.navigate(path)).status).toBe(503);
    expect(world.originRequests).toHaveLength(seen);
    expect((await browser.navigate("/_wx/login?to=/o")).status).toBe(503);
  });

  it("answers 503 to a callback that comes again, and starts no login", async () => {
    stopClock();
    const world = setUp();
    const browser = new Browser(world, somebody());
    const callback = await browser.upToCallback("/");
    await browser.navigate(callback);
    world.env.DB = brokenDatabase();
    passSeconds(2 * RECHECK);
    const answer = await browser.navigate(callback);
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([503, []]);
  });

  it("makes a sign-out fail whole: 503, and still signed in", async () => {
    const world = setUp();
    const browser = await signedIn(world);
    world.env.DB = brokenDatabase();
    const answer = await browser.submit("/_wx/logout");
    expect(answer.status).toBe(503);
    expect(answer.headers.get("set-cookie")).toBeNull();
    expect(browser.cookies().has(SIGNED_OUT_COOKIE)).toBe(false);
    expect((await browser.navigate("/")).status).toBe(200);
  });
});

describe("a sealed value with absurd numbers", () => {
  const now = 1_800_000_000;
  const sid = "a".repeat(26);
  const session = (signedInAt: unknown, checkedAt: unknown, renewNotBefore: unknown = 0) =>
    `["${sid}","wxu_${sid}","oSomebody",null,null,null,null,"login","silent",${signedInAt},${checkedAt},${renewNotBefore}]`;

  it.each([
    ["a sign-in in the future", session(now + 3_600, now)],
    ["a check in the future", session(now, now + 3_600)],
    ["both", session(now + 1e9, now + 1e9)],
    ["a negative sign-in", session(-1, now)],
    ["a negative check", session(now, -1)],
    ["a fraction", session(now + 0.5, now)],
    ["more than numbers hold", session("1e400", now)],
    ["a number beyond the safe ones", session("9007199254740993", "9007199254740993")],
    ["a number as text", session(`"${now}"`, now)],
    ["null", session(null, now)],
    ["a sign-in of 1970", session(0, now)],
    ["too few fields", `["${sid}"]`],
    ["too many fields", session(now, now, "0,0")],
    ["an object", "{}"],
    ["no JSON", "not json"],
    ["nothing", ""],
    ["an unknown level", session(now, now).replace('"login"', '"admin"')],
    ["a user of another shape", session(now, now).replace("wxu_", "abc_")],
    ["an openid of 10 KB", session(now, now).replace("oSomebody", "o".repeat(10_240))],
  ])("(%s) is anonymous, no error", async (_, text) => {
    stopClock();
    passSeconds(now - Date.now() / 1_000);
    const world = setUp();
    const secret = fromBase64Url(String(world.env.GATEWAY_SECRET));
    if (secret === null) throw new Error("the tests' own key");
    const keys = await importSealingKeys([secret]);
    const browser = new Browser(world);
    browser.cookies().set(SESSION_COOKIE, await seal(keys, ["session", HOST, APP_ID], text));
    const answer = await browser.fetch("/api");
    expect(answer.status).toBe(401);
    expect(world.originRequests).toEqual([]);
    expect(logged(world, { event: "bug" })).toEqual([]);
  });
});

describe("renewal", () => {
  it("fails soft as often as it comes: with a very short `renew` the visitor is served all the same", async () => {
    stopClock();
    const world = setUp([site({ session: { renew: "10s" } })]);
    const browser = await signedIn(world);
    for (let visit = 1; visit <= 8; visit++) {
      passSeconds(11);
      const { response } = await browser.open("/page");
      expect(response.status).toBe(200);
      expect(seenByOrigin(world, "x-wx-openid")).toBe(await openidOf(APP_ID, browser.person));
    }
  });

  it("that is skipped opens no `profile` path to a login, however often it was tried", async () => {
    stopClock();
    const rules = [{ path: "/p/*", access: "profile" }];
    const world = setUp([site({ session: { renew: "10s" }, rules })]);
    const browser = await signedIn(world);
    world.originRequests.length = 0;
    for (let visit = 1; visit <= 8; visit++) {
      passSeconds(11);
      expect((await browser.open("/p/x")).response.status).toBe(401);
    }
    expect(world.originRequests).toEqual([]);
  });

  it("that is under way when the visitor signs out does not sign in again", async () => {
    stopClock();
    const world = setUp();
    const browser = await signedIn(world);
    passSeconds(RENEW);
    const callback = await browser.upToCallback("/page");
    await browser.submit("/_wx/logout");
    startCounting(world);
    const answer = await browser.navigate(callback);
    expect(answer.status).toBe(401);
    expect(await answer.text()).toContain('name="to" value="/page"');
    expect(world.wechatCalls).toEqual([]);
    expect(browser.cookies().has(SESSION_COOKIE)).toBe(false);
    expect((await browser.navigate("/page")).status).toBe(401);
  });

  it("takes a navigation in WeChat silently through WeChat when the sign-in is `renew` old, to the second", async () => {
    stopClock();
    const world = setUp();
    const browser = await signedIn(world);
    await browser.navigate("/");
    const before = { user: seenByOrigin(world, "x-wx-user"), assertion: seenByOrigin(world, "x-wx-assertion") };
    passSeconds(RENEW - 1);
    expect((await browser.navigate("/")).status).toBe(200);
    passSeconds(1);
    const answer = await browser.navigate("/page?x=1");
    expect(authorizeRequest(locationOf(answer))).toMatchObject({ scope: "snsapi_base" });
    const last = (await browser.follow(answer, "/page?x=1")).at(-1);
    expect(last?.url).toBe(`https://${HOST}/page?x=1#`);
    expect(last?.response.status).toBe(200);
    expect(seenByOrigin(world, "x-wx-user")).toBe(before.user);
    expect(logged(world, { event: "renewal", amr: "silent" })).toHaveLength(1);
    const sessions = await rows<{ ended_at: number | null }>(
      "SELECT ended_at FROM sessions WHERE openid = ? ORDER BY created_at",
      await openidOf(APP_ID, browser.person),
    );
    expect(sessions.map(({ ended_at }) => ended_at !== null)).toEqual([true, false]);
    passSeconds(RENEW - 1);
    expect((await browser.navigate("/")).status).toBe(200);
  });

  it("leaves scripts, other browsers, and `optional` and `open` paths alone", async () => {
    stopClock();
    const world = setUp([
      site({
        rules: [
          { path: "/o", access: "optional" },
          { path: "/p", access: "open" },
        ],
      }),
    ]);
    const browser = await signedIn(world);
    passSeconds(RENEW);
    expect((await browser.fetch("/api")).status).toBe(200);
    expect((await browser.navigate("/o")).status).toBe(200);
    expect((await browser.navigate("/p")).status).toBe(200);
    browser.userAgent = DESKTOP_USER_AGENT;
    expect((await browser.navigate("/")).status).toBe(200);
    expect(seenByOrigin(world, "x-wx-openid")).toBe(await openidOf(APP_ID, browser.person));
  });

  const failures: [string, Record<string, unknown>][] = [
    ["HTML", { html: true, status: 502 }],
    ["busy", { errcode: -1 }],
    ["a spent code", { errcode: 40029 }],
    ["a configuration error", { errcode: 40125 }],
    ["a refused user", { errcode: 50002 }],
    ["a snapshot", { set: { is_snapshotuser: 1 } }],
  ];
  it.each(failures)(
    "fails soft with %s: the session goes on, and WeChat is asked again after 10 minutes",
    async (_, fault) => {
      stopClock();
      shortenWaits();
      const world = setUp();
      const browser = await signedIn(world);
      passSeconds(RENEW);
      await script(world, { endpoint: "access_token", ...fault });
      const { response, url } = await browser.open("/page");
      expect(response.status).toBe(200);
      expect(url).toBe(`https://${HOST}/page#`);
      expect(seenByOrigin(world, "x-wx-openid")).toBe(await openidOf(APP_ID, browser.person));
      expect(world.wechatCalls).toHaveLength(1);
      expect(logged(world, { event: "failure" })).toHaveLength(1);
      passSeconds(599);
      expect((await browser.navigate("/page")).status).toBe(200);
      passSeconds(1);
      expect((await browser.navigate("/page")).status).toBe(302);
    },
  );

  it("fails soft when WeChat's own page never comes back: the visitor who returns is served", async () => {
    stopClock();
    const world = setUp();
    const browser = await signedIn(world);
    passSeconds(RENEW);
    expect((await browser.navigate("/")).status).toBe(302);
    passSeconds(5);
    expect((await browser.navigate("/")).status).toBe(200);
    passSeconds(590);
    expect((await browser.navigate("/")).status).toBe(200);
    passSeconds(5);
    expect((await browser.navigate("/")).status).toBe(302);
  });

  it("stays put off for a browser whose session this isolate has checked since by an older cookie", async () => {
    stopClock();
    const world = setUp();
    const browser = await signedIn(world);
    const otherTab = atAnotherIsolate(browser, world); // its request left before the new cookie came
    passSeconds(RENEW);
    expect((await browser.navigate("/")).status).toBe(302);
    passSeconds(RECHECK);
    expect((await otherTab.fetch("/api")).status).toBe(200);
    expect((await browser.navigate("/")).status).toBe(200);
  });

  it("is no soft failure once the session is over: the visitor is not served as signed in", async () => {
    stopClock();
    const world = setUp();
    const browser = await signedIn(world);
    passSeconds(LIFETIME - 5);
    const callback = await browser.upToCallback("/page");
    passSeconds(5);
    await script(world, { endpoint: "access_token", html: true });
    const answer = await browser.navigate(callback);
    expect(answer.status).toBe(503);
    expect(cookiesSet(answer).has(SESSION_COOKIE)).toBe(false);
  });

  it("is what the page asks for once the session is over: on `auto` the visitor goes on anonymously", async () => {
    stopClock();
    const world = setUp([site({ access: "auto", session: { renew: "1h", lifetime: "1d" } })]);
    const browser = await signedIn(world);
    passSeconds(24 * 60 * 60 - 5);
    const callback = await browser.upToCallback("/page");
    passSeconds(5);
    await script(world, { endpoint: "access_token", html: true });
    const { response, url } = await browser.open(callback);
    expect([response.status, url]).toEqual([200, `https://${HOST}/page#`]);
    expect(seenByOrigin(world, "x-wx-openid")).toBeNull();
    expect((await browser.navigate("/page")).status).toBe(200);
  });

  it("fails soft when D1 does not take the new login", async () => {
    stopClock();
    const world = setUp();
    const browser = await signedIn(world);
    passSeconds(RENEW);
    const callback = await browser.upToCallback("/page");
    world.env.DB = brokenDatabase();
    expect(locationOf(await browser.navigate(callback))).toBe("/page#");
    expect((await browser.navigate("/page")).status).toBe(200);
    expect(logged(world, { code: "storage_unavailable" })).toHaveLength(1);
  });

  it("is not started while WeChat's rate limit holds", async () => {
    stopClock();
    const world = setUp();
    const browser = await signedIn(world);
    passSeconds(RENEW);
    await script(world, { endpoint: "access_token", errcode: 45009 });
    await new Browser(world, somebody()).open("/");
    expect((await browser.navigate("/")).status).toBe(200);
  });

  it("finds another account on the phone: the old session ends and the origin's cookies expire", async () => {
    stopClock();
    const world = setUp([site({ origin_cookies: ["PHPSESSID", "remember"] })]);
    const browser = await signedIn(world);
    const [first, old] = [browser.person, browser.cookies().get(SESSION_COOKIE) ?? ""];
    browser.person = somebody();
    passSeconds(RENEW);
    const answer = await browser.navigate(await browser.upToCallback("/"));
    expect(locationOf(answer)).toBe("/#");
    const expired = answer.headers.getSetCookie().filter((line) => /^(?:PHPSESSID|remember)=;.*Max-Age=0/.test(line));
    expect(expired.filter((line) => !line.includes("Domain=")).map((line) => line.split("=")[0])).toEqual([
      "PHPSESSID",
      "remember",
    ]);
    await browser.navigate("/");
    expect(seenByOrigin(world, "x-wx-openid")).toBe(await openidOf(APP_ID, browser.person));
    const ended = await rows("SELECT ended_at FROM sessions WHERE openid = ?", await openidOf(APP_ID, first));
    expect(ended).toEqual([{ ended_at: expect.any(Number) }]);
    const copy = new Browser(world);
    copy.cookies().set(SESSION_COOKIE, old);
    expect((await copy.fetch("/api")).status).toBe(401);
  });

  it.each([
    [HOST, ["shop.example.com", "example.com"]],
    ["192.0.2.7", []],
    ["192.0.2.7:8443", []],
    ["[2001:db8::7]", []],
  ])("expires the origin's cookies at %s under every Domain that may have set them", async (host, domains) => {
    stopClock();
    const world = setUp([site({ host, origin_cookies: ["PHPSESSID"] })]);
    const browser = new Browser(world, somebody());
    await browser.open(`https://${host}/`);
    browser.person = somebody();
    passSeconds(RENEW);
    const answer = await browser.navigate(await browser.upToCallback(`https://${host}/`));
    const expired = answer.headers.getSetCookie().filter((line) => line.startsWith("PHPSESSID="));
    expect(expired.flatMap((line) => /Domain=(.*)/.exec(line)?.[1] ?? [])).toEqual(domains);
    expect(expired).toHaveLength(1 + domains.length);
  });

  it("finds another account while a check of the old session is under way: that comes back as nobody's", async () => {
    stopClock();
    const world = setUp([site({ session: { renew: "30m" } })]);
    const browser = await signedIn(world);
    passSeconds(1_800);
    const late = lateRead(world);
    const pending = browser.fetch("/api");
    await until(() => late.asked);
    browser.person = somebody();
    await browser.navigate(await browser.upToCallback("/"));
    late.answer();
    expect((await pending).status).toBe(401);
    expect((await browser.fetch("/api")).status).toBe(200);
    expect(seenByOrigin(world, "x-wx-openid")).toBe(await openidOf(APP_ID, browser.person));
  });

  it("of the same account leaves the origin's cookies alone", async () => {
    stopClock();
    const world = setUp([site({ origin_cookies: ["PHPSESSID"] })]);
    const browser = await signedIn(world);
    passSeconds(RENEW);
    const answer = await browser.navigate(await browser.upToCallback("/"));
    expect(cookiesSet(answer).has("PHPSESSID")).toBe(false);
  });

  it("expires the origin's cookies when another person signs in after the session was over", async () => {
    stopClock();
    const world = setUp([site({ origin_cookies: ["PHPSESSID", "JSESSIONID; Path=/shop"] })]);
    const browser = await signedIn(world);
    browser.person = somebody();
    passSeconds(LIFETIME + 60);
    const answer = await browser.navigate(await browser.upToCallback("/"));
    expect(cookiesSet(answer).has("PHPSESSID")).toBe(true);
    const ofShop = answer.headers.getSetCookie().filter((line) => line.startsWith("JSESSIONID="));
    expect(ofShop[0]).toMatch(/^JSESSIONID=; Path=\/shop; .*Max-Age=0; Secure$/);
    expect(ofShop.every((line) => line.startsWith("JSESSIONID=; Path=/shop; "))).toBe(true);
  });

  it("brings a consented profile along", async () => {
    stopClock();
    const world = setUp([site({ access: "profile" })]);
    const browser = new Browser(world, somebody());
    await browser.open("/");
    await browser.follow(await browser.submit("/_wx/login", { to: "/" }), "/");
    expect(seenByOrigin(world, "x-wx-level")).toBe("profile");
    passSeconds(RENEW);
    startCounting(world);
    expect((await browser.open("/")).response.status).toBe(200);
    expect(seenByOrigin(world, "x-wx-level")).toBe("profile");
    expect(world.wechatCalls).toEqual(["/sns/oauth2/access_token"]);
    expect(world.calls.kvPut).toBe(0);
  });

  it("is not started by a prefetch: nobody may ever look at it, and the next navigation would miss its turn", async () => {
    stopClock();
    const world = setUp();
    const browser = await signedIn(world);
    passSeconds(RENEW);
    for (const purpose of ["prefetch", "prefetch;prerender"]) {
      expect((await browser.navigate("/", { "sec-purpose": purpose })).status).toBe(200);
    }
    expect((await browser.navigate("/")).status).toBe(302);
  });

  it("waits for an address that it can come back to: one of 1,100 bytes is served", async () => {
    stopClock();
    const world = setUp();
    const browser = await signedIn(world);
    passSeconds(RENEW);
    const long = `/pay/return?sign=${"x".repeat(1_100)}`;
    expect((await browser.navigate(long)).status).toBe(200);
    expect(world.originRequests.at(-1)?.url).toBe(`https://${HOST}${long}`);
    expect((await browser.navigate("/")).status).toBe(302);
  });

  it("that finds another person, whom the site has blocked, ends the session of the one before", async () => {
    stopClock();
    const world = setUp([site({ origin_cookies: ["PHPSESSID"] })]);
    const blocked = await signedIn(world);
    await blocked.navigate("/");
    const user = seenByOrigin(world, "x-wx-user");
    const browser = await signedIn(world);
    const copy = new Browser(world);
    copy.cookies().set(SESSION_COOKIE, browser.cookies().get(SESSION_COOKIE) ?? "");
    const first = await openidOf(APP_ID, browser.person);
    browser.person = blocked.person;
    passSeconds(RENEW);
    const callback = await browser.upToCallback("/");
    await block(user);
    const answer = await browser.navigate(callback);
    expect([answer.status, cookiesSet(answer).has("PHPSESSID")]).toEqual([403, true]);
    expect(browser.cookies().has(SESSION_COOKIE)).toBe(false);
    expect((await copy.fetch("/api")).status).toBe(401);
    const [ended] = await rows("SELECT ended_at FROM sessions WHERE openid = ?", first);
    expect(ended).toEqual({ ended_at: expect.any(Number) });
  });

  it.each(["fails", "hangs"])("says so where D1 %s at that end, within the callback's 4.5 seconds", async (how) => {
    stopClock();
    const world = setUp();
    const blocked = await signedIn(world);
    await blocked.navigate("/");
    const user = seenByOrigin(world, "x-wx-user");
    const browser = await signedIn(world);
    browser.person = blocked.person;
    passSeconds(RENEW);
    const callback = await browser.upToCallback("/");
    await block(user);
    const { DB } = world.env;
    world.env.DB = new Proxy(DB, {
      get(target, property) {
        if (property !== "batch") return Reflect.get(target, property).bind(target);
        return async (statements: D1PreparedStatement[]) => {
          const results = await target.batch(statements);
          world.env.DB = how === "fails" ? brokenDatabase() : hangingDatabase();
          vi.setSystemTime(Date.now() + 4_000);
          return results;
        };
      },
    });
    const asked = shortenWaits();
    const answer = await browser.navigate(callback);
    expect([answer.status, browser.cookies().has(SESSION_COOKIE)]).toEqual([403, false]);
    expect(asked.at(-1)).toBeLessThanOrEqual(500);
    expect(logged(world, { event: "failure" }).map(({ code }) => code)).toEqual(["blocked", "storage_unavailable"]);
  });

  it("of a user who is blocked by now ends on the blocked page", async () => {
    stopClock();
    const world = setUp();
    const browser = await signedIn(world);
    await browser.navigate("/");
    const user = seenByOrigin(world, "x-wx-user");
    passSeconds(RENEW);
    const callback = await browser.upToCallback("/");
    await block(user);
    expect((await browser.navigate(callback)).status).toBe(403);
  });
});
