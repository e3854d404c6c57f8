import { describe, expect, it } from "vitest";
import { openidOf, unionidOf } from "../simulator/identity.ts";
import { toBase64Url, utf8Bytes } from "../src/encoding.ts";
import { Browser, WECHAT_USER_AGENT } from "./support/browser.ts";
import { rawRequest } from "./support/hostile.ts";
import {
  authorizeRequest,
  cleanUp,
  cookiesSet,
  leaksIn,
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
} from "./support/setting.ts";
import { APP_ID, HOST, site } from "./support/world.ts";

/** The silent login, from the first navigation to the origin's page: design 7.1 to 7.5 and 7.9. */

cleanUp();

const hint = (path: string) => toBase64Url(utf8Bytes(path));

describe("a first visit inside WeChat", () => {
  it("ends on the page that was opened, and the origin receives the openid", async () => {
    const world = setUp();
    const browser = new Browser(world, "ming");
    const { response, url } = await browser.open("/goods?id=7");
    expect(response.status).toBe(200);
    expect(url).toBe("https://shop.example.com/goods?id=7#");
    expect(world.originRequests).toHaveLength(1);
    expect(seenByOrigin(world, "x-wx-openid")).toBe(await openidOf(APP_ID, "ming"));
    expect(seenByOrigin(world, "x-wx-appid")).toBe(APP_ID);
    expect(seenByOrigin(world, "x-wx-source")).toBe("wxgate");
    expect(seenByOrigin(world, "x-wx-user")).toMatch(/^wxu_[a-z2-7]{26}$/);
    expect(seenByOrigin(world, "x-wx-level")).toBe("login");
    for (const unknown of ["x-wx-unionid", "x-wx-nickname", "x-wx-avatar", "x-wx-site-user"]) {
      expect(seenByOrigin(world, unknown)).toBeNull();
    }
  });

  it("costs one WeChat call and one D1 round trip between callback and redirect, and no KV", async () => {
    const world = setUp();
    const browser = new Browser(world, somebody());
    const callback = await browser.upToCallback("/");
    expect(world.calls).toEqual(NO_IO);
    const answer = await browser.navigate(callback);
    expect(answer.status).toBe(302);
    expect(world.wechatCalls).toEqual(["/sns/oauth2/access_token"]);
    expect(world.calls).toEqual({ ...NO_IO, d1: 1 });
  });

  it("writes one user, one binding, one session and one outcome, all of the same person", async () => {
    const world = setUp();
    const person = somebody();
    const browser = new Browser(world, person);
    const callback = await browser.upToCallback("/");
    const state = new URL(callback).searchParams.get("state");
    await browser.navigate(callback);
    const openid = await openidOf(APP_ID, person);
    const [binding] = await rows<{ user_id: string }>("SELECT * FROM bindings WHERE openid = ?", openid);
    expect(binding).toMatchObject({ app_id: APP_ID, unionid: null, nickname: null, profile_at: null });
    expect(await rows("SELECT id FROM users WHERE id = ?", binding?.user_id)).toHaveLength(1);
    const sessions = await rows<{ sid: string }>("SELECT * FROM sessions WHERE openid = ?", openid);
    expect(sessions).toEqual([
      expect.objectContaining({ site: HOST, host: HOST, user_id: binding?.user_id, amr: "silent", ended_at: null }),
    ]);
    expect(await rows("SELECT outcome, sid FROM logins WHERE state = ?", state)).toEqual([
      { outcome: "session", sid: sessions[0]?.sid },
    ]);
  });

  it("is one JSON log line that tells who without naming anybody", async () => {
    const world = setUp();
    await new Browser(world, somebody()).open("/");
    expect(world.logLines).toEqual([
      {
        time: expect.any(String),
        level: "info",
        version: expect.any(String),
        event: "login",
        site: HOST,
        request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        duration_ms: expect.any(Number),
        who: expect.stringMatching(/^[0-9a-f]{8}$/),
        amr: "silent",
        new_user: true,
        twin: false,
      },
    ]);
  });

  it("leaks nothing that the tests' own search would not find: openid, code, token, secret, sealed value", async () => {
    const world = setUp();
    const browser = new Browser(world, somebody());
    const callback = await browser.upToCallback("/");
    await browser.navigate(callback);
    expect(leaksIn(world)).toEqual([]);
    const [token] = [...world.simulator.state.accessTokens][0] ?? [];
    const secrets = {
      openid: await openidOf(APP_ID, browser.person),
      code: new URL(callback).searchParams.get("code"),
      token,
      secret: world.env.WECHAT_APP_SECRET,
      cookie: browser.cookies().get(SESSION_COOKIE),
    };
    for (const value of Object.values(secrets)) {
      world.logLines.push({ detail: `GET /x?y=${value}&z` });
      expect(leaksIn(world)).toHaveLength(1);
      world.logLines.pop();
    }
  });

  it("finds the same user again on another browser, and tells so in the log", async () => {
    const world = setUp();
    const person = somebody();
    await new Browser(world, person).open("/");
    const user = seenByOrigin(world, "x-wx-user");
    await new Browser(world, person).open("/");
    expect(seenByOrigin(world, "x-wx-user")).toBe(user);
    const [first, second] = logged(world, { event: "login" });
    expect(second).toMatchObject({ new_user: false, who: first?.who });
  });
});

describe("the way to WeChat", () => {
  it("is a 302 to the authorize URL, byte for byte in WeChat's order", async () => {
    const world = setUp();
    const path = "/goods/7?name=%E4%BD%A0&x=a+b";
    const answer = await new Browser(world).navigate(path);
    expect(answer.status).toBe(302);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const location = locationOf(answer);
    const { state } = authorizeRequest(location);
    expect(location).toBe(
      `https://open.weixin.qq.com/connect/oauth2/authorize?appid=wx0123456789abcdef` +
        `&redirect_uri=https%3A%2F%2Fshop.example.com%2F_wx%2Fcallback%3Fr%3D${hint(path)}` +
        `&response_type=code&scope=snsapi_base&state=${state}&connect_redirect=1#wechat_redirect`,
    );
  });

  it("carries a fresh state of 31 alphanumerics and the digit of tries", async () => {
    const world = setUp();
    const states = new Set<string>();
    for (let start = 0; start < 100; start++) {
      const { state } = authorizeRequest(locationOf(await new Browser(world).navigate("/")));
      expect(state).toMatch(/^[A-Za-z0-9]{31}0$/);
      states.add(state);
    }
    expect(states.size).toBe(100);
  });

  it("repeats a return path of at most 256 bytes in `r`", async () => {
    const world = setUp();
    const redirectUriOf = async (path: string) =>
      authorizeRequest(locationOf(await new Browser(world).navigate(path))).redirectUri.href;
    const callback = `https://${HOST}/_wx/callback`;
    const [fits, tooLong] = [`/${"a".repeat(255)}`, `/${"a".repeat(256)}`];
    expect(await redirectUriOf("/")).toBe(`${callback}?r=${hint("/")}`);
    expect(await redirectUriOf(fits)).toBe(`${callback}?r=${hint(fits)}`);
    expect(await redirectUriOf(tooLong)).toBe(callback);
  });

  it("returns to a path of 1,024 bytes by the cookie alone, and to `/` from a longer one", async () => {
    const world = setUp();
    const [longest, tooLong] = [`/${"a".repeat(1_023)}`, `/${"a".repeat(1_024)}`];
    expect((await new Browser(world, somebody()).open(longest)).url).toBe(`https://${HOST}${longest}#`);
    expect((await new Browser(world, somebody()).open(tooLong)).url).toBe(`https://${HOST}/#`);
  });

  it("binds the attempt to the browser by a sealed cookie of 10 minutes, named after the state", async () => {
    const answer = await new Browser(setUp()).navigate("/private?secret-of-mine");
    const { state } = authorizeRequest(locationOf(answer));
    const cookies = cookiesSet(answer);
    expect([...cookies.keys()]).toEqual([`__Host-wx_a_${state.slice(0, 8)}`]);
    const [cookie] = cookies.values();
    expect(cookie?.attributes.toSorted()).toEqual(["HttpOnly", "Max-Age=600", "Path=/", "SameSite=Lax", "Secure"]);
    expect(cookie?.value).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(cookie?.value).not.toContain(state);
  });

  it("does no I/O at all", async () => {
    const world = setUp();
    for (let start = 0; start < 5; start++) await new Browser(world).navigate(`/page/${start}`);
    expect(world.calls).toEqual(NO_IO);
    expect(world.wechatCalls).toEqual([]);
    expect(world.originRequests).toEqual([]);
  });

  it("keeps at most 5 attempts and 5,000 bytes in one browser, dropping the oldest, however many are started", async () => {
    stopClock();
    const world = setUp();
    const browser = new Browser(world, somebody());
    const callbacks: string[] = [];
    for (let start = 0; start < 50; start++) {
      callbacks.push(await browser.upToCallback(`/${start}/${"x".repeat(start * 20)}`));
      passSeconds(1);
      expect(browser.cookies().size).toBeLessThanOrEqual(5);
      expect(browser.cookieHeader().length).toBeLessThan(5_100);
    }
    // The newest is there; the oldest is gone and leads into a fresh login instead of an error.
    expect(locationOf(await browser.navigate(callbacks[49] ?? ""))).toMatch(/^\/49\/x+#$/);
    const other = new Browser(world, somebody());
    const first = await other.upToCallback("/first");
    for (let start = 0; start < 5; start++) {
      passSeconds(1);
      await other.upToCallback(`/${start}`);
    }
    expect(authorizeRequest(locationOf(await other.navigate(first))).state).toMatch(/1$/);
  });

  it("holds to 5 attempts and 5,000 bytes again after starts that did not know of each other", async () => {
    stopClock();
    const world = setUp();
    const cookies: string[] = [];
    for (let start = 0; start < 20; start++) {
      const tab = new Browser(world, somebody());
      await tab.upToCallback(`/${start}/${"x".repeat(600)}`);
      cookies.push(tab.cookieHeader());
      passSeconds(1);
    }
    const answer = await world.send(
      rawRequest(`https://${HOST}/one-more`, {
        headers: { "user-agent": WECHAT_USER_AGENT, accept: "text/html", cookie: cookies.join("; ") },
      }),
    );
    const lines = answer.headers.getSetCookie();
    const gone = lines.filter((line) => line.includes("Max-Age=0")).map((line) => line.split("=", 1)[0]);
    const left = cookies.filter((pair) => !gone.includes(pair.split("=", 1)[0]));
    expect(left).toEqual(cookies.slice(-left.length)); // the newest
    expect(left.length).toBeGreaterThan(0);
    expect(left.length + 1).toBeLessThanOrEqual(5);
    expect([...left, ...lines.filter((line) => !line.includes("Max-Age=0"))].join("; ").length).toBeLessThan(5_200);
  });

  it("lets two tabs that finish in the other order each come back to its own page", async () => {
    const world = setUp();
    const browser = new Browser(world, somebody());
    const [left, right] = [await browser.upToCallback("/left"), await browser.upToCallback("/right")];
    expect(locationOf(await browser.navigate(right))).toBe("/right#");
    expect(locationOf(await browser.navigate(left))).toBe("/left#");
    await browser.navigate("/left");
    expect(seenByOrigin(world, "x-wx-openid")).toBe(await openidOf(APP_ID, browser.person));
  });
});

describe("the callback, in the order of design 7.3", () => {
  it.each([
    ["a refused secret", { errcode: 40125 }],
    ["a refused user", { errcode: 50002 }],
  ])("ends on a page with a button at the last try, also after %s", async (_, fault) => {
    const world = setUp();
    const next = [
      { endpoint: "access_token", errcode: 40029, times: 2 },
      { endpoint: "access_token", ...fault },
    ];
    await world.control("/control", { next });
    const { response } = await new Browser(world, somebody()).open("/");
    expect(response.status).not.toBe(302);
    expect(await response.text()).toContain('method="post" action="/_wx/login"');
  });

  it("(f) ends on a page with a button when the same old callback comes again and again", async () => {
    const world = setUp();
    const browser = new Browser(world, somebody());
    const old = `/_wx/callback?code=${"c".repeat(32)}&state=${"Q".repeat(31)}0`;
    const digits: string[] = [];
    for (;;) {
      const answer = await browser.navigate(old);
      if (answer.status !== 302) {
        expect(await answer.text()).toContain('method="post" action="/_wx/login"');
        break;
      }
      digits.push(authorizeRequest(locationOf(answer)).state.slice(-1));
      if (digits.length > 9) break;
    }
    expect(digits).toEqual(["1", "2"]);
  });

  const code = "031abcdefghijklmnopqrstuvwxyz012";
  const state = "A".repeat(31);

  it.each([
    ["nothing", ""],
    ["no state", `?code=${code}`],
    ["an empty state", `?code=${code}&state=`],
    ["a short state", `?code=${code}&state=abc0`],
    ["a long state", `?code=${code}&state=${state}00`],
    ["a state of 10 KB", `?code=${code}&state=${"A".repeat(10_240)}0`],
    ["a digit of tries that there is not", `?code=${code}&state=${state}3`],
    ["a character that no state has", `?code=${code}&state=${"A".repeat(30)}_0`],
    ["the state twice", `?code=${code}&state=${state}0&state=${state}0`],
    ["the code twice", `?code=${code}&code=${code}&state=${state}0`],
    ["any parameter twice", `?x=1&x=2&code=${code}&state=${state}0`],
    ["a code of 513 characters", `?code=${"c".repeat(513)}&state=${state}0`],
    ["a code with a character that no code has", `?code=a%26b&state=${state}0`],
    ["a code with a line break", `?code=a%0d%0ab&state=${state}0`],
    ["a site that is no host", `?code=${code}&state=${state}0&site=%2F%2Fevil`],
    ["a site of somebody else", `?code=${code}&state=${state}0&site=evil.example.net`],
  ])("(a) is 400 and calls nobody with %s", async (_, search) => {
    const world = setUp();
    const answer = await new Browser(world).navigate(`https://${HOST}/_wx/callback${search}`);
    expect(answer.status).toBe(400);
    expect(answer.headers.get("location")).toBeNull();
    expect(answer.headers.get("set-cookie")).toBeNull();
    expect(world.wechatCalls).toEqual([]);
    expect(world.calls).toEqual(NO_IO);
    expect(logged(world, { code: "callback_malformed" })).toHaveLength(1);
  });

  it("(a) takes `code[]` for another parameter: there is no code", async () => {
    const world = setUp();
    const answer = await new Browser(world).navigate(`https://${HOST}/_wx/callback?code[]=${code}&state=${state}0`);
    expect(answer.status).toBe(403);
    expect(world.wechatCalls).toEqual([]);
  });

  it.each([
    ["no code", { no_code: true }],
    ["authdeny", { authdeny: true }],
  ])("(c) shows the refused page with %s, without a call or a loop; its button starts anew", async (_, fault) => {
    const world = setUp();
    await world.control("/control", { next: [{ endpoint: "authorize", ...fault }] });
    const browser = new Browser(world, somebody());
    const { response } = await browser.open("/goods");
    expect(response.status).toBe(403);
    expect(await response.text()).toContain('name="to" value="/goods"');
    expect(world.wechatCalls).toEqual([]);
    expect(logged(world, { code: "consent_refused", level: "warn" })).toHaveLength(1);
    const again = await browser.submit("/_wx/login", { to: "/goods", scope: "base" });
    expect(authorizeRequest(locationOf(again))).toMatchObject({
      scope: "snsapi_base",
      state: expect.stringMatching(/0$/),
    });
    expect((await browser.follow(again, "/_wx/login")).at(-1)?.url).toBe(`https://${HOST}/goods#`);
  });

  it("(d) exchanges the code once, with AppID, secret and grant type, by GET", async () => {
    const world = setUp();
    await new Browser(world, somebody()).open("/");
    const calls = world.simulator.state.calls.filter(({ endpoint }) => endpoint === "access_token");
    expect(calls).toEqual([
      expect.objectContaining({
        method: "GET",
        query: { appid: APP_ID, secret: "[redacted]", code: "[redacted]", grant_type: "authorization_code" },
      }),
    ]);
  });

  it("(d) does not exchange for an attempt older than 10 minutes", async () => {
    stopClock();
    const world = setUp();
    const [inTime, late] = [new Browser(world, somebody()), new Browser(world, somebody())];
    const callbacks = [await inTime.upToCallback("/a"), await late.upToCallback("/b")] as const;
    world.simulator.state.clockOffsetMs = -600_000; // WeChat's code itself would be too old
    passSeconds(599);
    expect(locationOf(await inTime.navigate(callbacks[0]))).toBe("/a#");
    passSeconds(1);
    startCounting(world);
    expect(authorizeRequest(locationOf(await late.navigate(callbacks[1]))).state).toMatch(/1$/);
    expect(world.wechatCalls).toEqual([]);
  });

  it("(e) sends a signed-in visitor with another browser's callback to its page, without a call", async () => {
    const world = setUp();
    const [victim, attacker] = [new Browser(world, somebody()), new Browser(world, somebody())];
    await victim.open("/");
    const shared = await attacker.upToCallback("/shared?x=1");
    startCounting(world);
    const answer = await victim.navigate(shared);
    expect(answer.status).toBe(302);
    expect(locationOf(answer)).toBe("/shared?x=1#");
    expect(answer.headers.get("set-cookie")).toBeNull();
    expect(world.wechatCalls).toEqual([]);
    expect(world.calls).toEqual(NO_IO);
    await victim.navigate("/shared?x=1");
    expect(seenByOrigin(world, "x-wx-openid")).toBe(await openidOf(APP_ID, victim.person));
  });

  it("(f) starts a login of this visitor's own for a state from another browser, and calls nobody with its code", async () => {
    const world = setUp();
    const [visitor, attacker] = [new Browser(world, somebody()), new Browser(world, somebody())];
    const shared = await attacker.upToCallback("/shared");
    const foreign = new URL(shared).searchParams.get("state");
    const answer = await visitor.navigate(shared);
    const fresh = authorizeRequest(locationOf(answer));
    expect(fresh.state).toMatch(/^[A-Za-z0-9]{31}1$/);
    expect(fresh.state.slice(0, 31)).not.toBe(foreign?.slice(0, 31));
    expect(world.wechatCalls).toEqual([]);
    const last = (await visitor.follow(answer, shared)).at(-1);
    expect(last?.url).toBe(`https://${HOST}/shared#`);
    expect(seenByOrigin(world, "x-wx-openid")).toBe(await openidOf(APP_ID, visitor.person));
  });

  it("(f) goes where the attempt said when its cookie is there but its callback is another's", async () => {
    const world = setUp();
    const browser = new Browser(world, somebody());
    const callback = await browser.upToCallback("/mine");
    const name = [...browser.cookies().keys()][0] ?? "";
    const other = new Browser(world, somebody());
    await other.upToCallback("/other");
    // Another attempt's value under this attempt's name: it opens, but to another state.
    browser.cookies().set(name, [...other.cookies().values()][0] ?? "");
    const answer = await browser.navigate(callback);
    expect(authorizeRequest(locationOf(answer)).state).toMatch(/1$/);
    expect(world.wechatCalls).toEqual([]);
  });

  it.each([
    ["another host", "//evil.example.net/"],
    ["a whole URL", "https://evil.example.net/"],
    ["a backslash", "/\\evil.example.net"],
    ["a path of ours", "/_wx/logout"],
    ["a split header", "/a\r\nSet-Cookie: x=1"],
    ["too long a path", `/${"a".repeat(1_100)}`],
    ["bytes that are no text", "\u00ff\u00fe"],
  ])("takes `r` for a hint only: %s becomes `/`", async (_, path) => {
    const world = setUp();
    const browser = new Browser(world, somebody());
    await browser.open("/");
    const r = toBase64Url(Uint8Array.from(path, (character) => character.charCodeAt(0)));
    const answer = await browser.navigate(`https://${HOST}/_wx/callback?r=${r}&code=${code}&state=${state}0`);
    expect(locationOf(answer)).toBe("/#");
  });

  it.each([
    { "sec-purpose": "prefetch" },
    { "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" },
    { "x-requested-with": "XMLHttpRequest", accept: "text/html" },
  ])("(f) starts nothing for a prefetch or a part of a page, but is 401: %j", async (headers) => {
    const world = setUp();
    const browser = new Browser(world, somebody());
    const own = await browser.upToCallback("/goods");
    for (let image = 0; image < 6; image++) {
      const answer = await browser.request(`/_wx/callback?code=${code}&state=${state}0`, { headers });
      expect([answer.status, answer.headers.getSetCookie()]).toEqual([401, []]);
      expect(await answer.json()).toMatchObject({ code: "login_required", level: "login" });
    }
    // Whose own callback it is, is signed in all the same.
    expect(locationOf(await browser.request(own, { headers }))).toBe("/goods#");
  });

  it("prefers the cookie's return path to the hint in the URL", async () => {
    const world = setUp();
    const browser = new Browser(world, somebody());
    const callback = (await browser.upToCallback("/mine")).replace(/r=[^&]+/, `r=${hint("/elsewhere")}`);
    expect(locationOf(await browser.navigate(callback))).toBe("/mine#");
  });

  it("is nothing on any other path: the site's own `code` and `state` are forwarded", async () => {
    const world = setUp();
    const browser = new Browser(world, somebody());
    await browser.open("/");
    startCounting(world);
    const path = `/pay?code=${code}&state=${state}0`;
    expect((await browser.navigate(path)).status).toBe(200);
    expect(world.originRequests.at(-1)?.url).toBe(`https://${HOST}${path}`);
    expect(world.wechatCalls).toEqual([]);
  });

  it("does not spend the code at a HEAD", async () => {
    const world = setUp();
    const browser = new Browser(world, somebody());
    const callback = await browser.upToCallback("/");
    const head = await browser.request(callback, { method: "HEAD", headers: { accept: "text/html" } });
    expect(head.status).toBe(405);
    expect(world.wechatCalls).toEqual([]);
    expect((await browser.navigate(callback)).status).toBe(302);
  });
});

describe("success", () => {
  it.each([
    "/",
    "/goods?id=7",
    "/pay?code=own&state=own&code=again",
    "/%E4%BD%A0?q=%E5%A5%BD&empty=&a=1+2&b=%20",
    "/a?to=https://elsewhere.example.net/x?y=1",
    "/a?",
    "/a=b&c/~x!$'()*,:@?/?",
  ])("returns to %s byte for byte, ending in `#`", async (path) => {
    const world = setUp();
    const browser = new Browser(world, somebody());
    const answer = await browser.navigate(await browser.upToCallback(path));
    expect(answer.status).toBe(302);
    expect(locationOf(answer)).toBe(`${path}#`);
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  it("sets the session cookie, and turns the attempt's cookie into a marker of 60 seconds", async () => {
    const browser = new Browser(setUp(), somebody());
    const callback = await browser.upToCallback("/");
    const attempt = [...browser.cookies().entries()][0];
    const cookies = cookiesSet(await browser.navigate(callback));
    expect([...cookies.keys()].toSorted()).toEqual([SESSION_COOKIE, attempt?.[0]].toSorted());
    expect(cookies.get(SESSION_COOKIE)?.attributes).toEqual(
      expect.arrayContaining(["Path=/", "HttpOnly", "SameSite=Lax", "Secure"]),
    );
    const marker = cookies.get(attempt?.[0] ?? "");
    expect(marker?.attributes).toContain("Max-Age=60");
    expect(marker?.value).not.toBe(attempt?.[1]);
  });

  it("leaves a session cookie below 3,500 bytes even with the longest profile", async () => {
    const world = setUp([site({ access: "profile" })]);
    await world.control("/control", {
      next: [{ endpoint: "userinfo", set: { headimgurl: `https://thirdwx.qlogo.cn/${"a".repeat(480)}` } }],
    });
    const browser = new Browser(world, "long");
    await browser.open("/");
    await browser.follow(await browser.submit("/_wx/login", { to: "/" }), "/");
    expect(seenByOrigin(world, "x-wx-level")).toBe("profile");
    expect(`${SESSION_COOKIE}=${browser.cookies().get(SESSION_COOKIE)}`.length).toBeLessThan(3_500);
  });

  it("never stores a unionid from a silent login, even if WeChat's token answer has one", async () => {
    const world = setUp();
    const person = somebody();
    await world.control("/control", {
      next: [{ endpoint: "access_token", set: { unionid: await unionidOf("default", person) } }],
    });
    await new Browser(world, person).open("/");
    expect(seenByOrigin(world, "x-wx-unionid")).toBeNull();
    const openid = await openidOf(APP_ID, person);
    expect(await rows("SELECT unionid FROM bindings WHERE openid = ?", openid)).toEqual([{ unionid: null }]);
  });

  it("ends the session that this browser had before", async () => {
    stopClock();
    const world = setUp();
    const browser = new Browser(world, somebody());
    await browser.open("/");
    const first = seenByOrigin(world, "x-wx-assertion");
    const before = browser.cookies().get(SESSION_COOKIE) ?? "";
    passSeconds(61);
    await browser.follow(await browser.submit("/_wx/login", { to: "/", scope: "base" }), "/");
    expect(seenByOrigin(world, "x-wx-assertion")).not.toBe(first);
    const sessions = await rows<{ ended_at: number | null }>(
      "SELECT ended_at FROM sessions WHERE openid = ? ORDER BY created_at",
      await openidOf(APP_ID, browser.person),
    );
    expect(sessions.map(({ ended_at }) => ended_at !== null)).toEqual([true, false]);
    const old = new Browser(world);
    old.cookies().set(SESSION_COOKIE, before);
    expect((await old.navigate("/")).status).toBe(302);
  });
});

describe("a code that is spent already", () => {
  it.each([40163, 40029])("goes on to its page when another tab has signed in since (%d)", async (errcode) => {
    shortenWaits();
    const world = setUp();
    const browser = new Browser(world, somebody());
    const [first, second] = [await browser.upToCallback("/a"), await browser.upToCallback("/b")];
    await browser.navigate(first);
    await world.control("/control", { next: [{ endpoint: "access_token", errcode }] });
    const answer = await browser.navigate(second);
    expect(locationOf(answer)).toBe("/b#");
    expect((await browser.navigate("/b")).status).toBe(200);
  });

  it("starts afresh when the session is older than the login", async () => {
    stopClock();
    shortenWaits();
    const world = setUp([site({ session: { renew: "1h" } })]);
    const browser = new Browser(world, somebody());
    await browser.open("/a");
    passSeconds(60);
    const tap = await browser.submit("/_wx/login", { to: "/b", scope: "base" });
    const callback = await browser.authorize(locationOf(tap));
    await world.control("/control", { next: [{ endpoint: "access_token", errcode: 40029 }] });
    expect(authorizeRequest(locationOf(await browser.navigate(callback))).state).toMatch(/1$/);
  });
});

describe("cookies that do not stick", () => {
  it("end on a page after three rounds through WeChat when all are blocked, without a single exchange", async () => {
    const world = setUp();
    const browser = new Browser(world, somebody());
    browser.blocksCookie = () => true;
    const { response } = await browser.open("/goods");
    expect(response.status).toBe(401);
    const page = await response.text();
    expect(page).toContain("cookies_blocked");
    expect(page).toContain(response.headers.get("x-request-id"));
    expect(page).toContain('name="to" value="/goods"');
    expect(world.simulator.state.authorizations.map(({ state }) => state.slice(-1))).toEqual(["0", "1", "2"]);
    expect(world.wechatCalls).toEqual([]);
    expect(logged(world, { code: "cookies_blocked", level: "warn" })).toHaveLength(1);
  });

  it("end on a page after three logins when only the session's is blocked", async () => {
    const world = setUp();
    const browser = new Browser(world, somebody());
    browser.blocksCookie = (name) => name === SESSION_COOKIE;
    const { response } = await browser.open("/goods");
    expect(response.status).toBe(401);
    expect(await response.text()).toContain("cookies_blocked");
    expect(world.simulator.state.authorizations.map(({ state }) => state.slice(-1))).toEqual(["0", "1", "2"]);
    expect(world.wechatCalls).toHaveLength(3);
    expect(world.originRequests).toEqual([]);
  });

  it("pass anonymously on an `auto` path after three logins when only the session's is blocked", async () => {
    const world = setUp([site({ rules: [{ path: "/shop/*", access: "auto" }] })]);
    const browser = new Browser(world, somebody());
    browser.blocksCookie = (name) => name === SESSION_COOKIE;
    expect((await browser.open("/shop/1")).response.status).toBe(200);
    expect(world.wechatCalls).toHaveLength(3);
    expect(seenByOrigin(world, "x-wx-openid")).toBeNull();
  });

  it("can be tried anew by the page's button, from the first try on", async () => {
    const world = setUp();
    const browser = new Browser(world, somebody());
    browser.blocksCookie = (name) => name === SESSION_COOKIE;
    await browser.open("/goods");
    browser.blocksCookie = () => false;
    const answer = await browser.submit("/_wx/login", { to: "/goods", scope: "base" });
    expect(authorizeRequest(locationOf(answer)).state).toMatch(/0$/);
    expect((await browser.follow(answer, "/")).at(-1)?.response.status).toBe(200);
  });

  it("are none when the visitor signs out and in again and again", async () => {
    stopClock();
    const world = setUp();
    const browser = new Browser(world, somebody());
    for (let round = 0; round < 4; round++) {
      const tap = await browser.submit("/_wx/login", { to: "/", scope: "base" });
      expect((await browser.follow(tap, "/")).at(-1)?.response.status).toBe(200);
      await browser.submit("/_wx/logout");
      const link = await browser.navigate("/_wx/login?to=/");
      expect(authorizeRequest(locationOf(link)).state).toMatch(/0$/);
    }
  });

  it("are forgotten 60 seconds after a success: a later login begins at the first try", async () => {
    stopClock();
    const world = setUp();
    const browser = new Browser(world, somebody());
    browser.blocksCookie = (name) => name === SESSION_COOKIE;
    await browser.navigate(await browser.upToCallback("/"));
    passSeconds(59);
    expect(authorizeRequest(locationOf(await browser.navigate("/"))).state).toMatch(/1$/);
    passSeconds(1);
    expect(authorizeRequest(locationOf(await browser.navigate("/"))).state).toMatch(/0$/);
  });
});
