import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from "jose";
import { describe, expect, it, vi } from "vitest";
import { openidOf } from "../simulator/identity.ts";
import { Browser, DESKTOP_USER_AGENT } from "./support/browser.ts";
import {
  authorizeRequest,
  brokenDatabase,
  brokenNamespace,
  cleanUp,
  cookiesSet,
  database,
  locationOf,
  logged,
  NO_IO,
  passSeconds,
  SESSION_COOKIE,
  SIGNED_OUT_COOKIE,
  seenByOrigin,
  setUp,
  somebody,
  startCounting,
  stopClock,
  tokenStore,
} from "./support/setting.ts";
import { APP_ID, HOST, site, type World } from "./support/world.ts";

/** The table of design 3, endpoint by endpoint, and plain http. */

cleanUp();

async function signedIn(world: World, person = somebody()): Promise<Browser> {
  const browser = new Browser(world, person);
  await browser.open("/");
  startCounting(world);
  world.originRequests.length = 0;
  return browser;
}

/** With the consented profile. */
async function withProfile(world: World, person = somebody()): Promise<Browser> {
  const browser = await signedIn(world, person);
  await browser.follow(await browser.submit("/_wx/login", { to: "/" }), "/");
  return browser;
}

describe("every answer of our own", () => {
  it.each([
    ["a login start", "/private"],
    ["the callback", "/_wx/callback"],
    ["the login", "/_wx/login?to=/x"],
    ["the profile page", "/_wx/login?to=/x&scope=profile"],
    ["the sign-out page", "/_wx/logout"],
    ["me", "/_wx/me"],
    ["check", "/_wx/check"],
    ["health", "/_wx/health"],
    ["an endpoint that there is not", "/_wx/nothing"],
    ["a denied path", "/denied"],
    ["an odd path", "/a//b"],
    ["a malformed path", "/a%5Cb"],
  ])(
    "(%s) is no-store, has a request id, and is not for search engines, frames or other sites' Referer",
    async (_, path) => {
      const world = setUp([site({ rules: [{ path: "/denied", access: "deny" }] })]);
      const { headers } = await new Browser(world).navigate(`https://${HOST}${path}`);
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
      expect(headers.get("x-robots-tag")).toBe("noindex");
      expect(headers.get("referrer-policy")).toBe("same-origin");
      expect(headers.get("content-security-policy")).toMatch(/default-src 'none'/);
      expect(headers.get("content-security-policy")).toMatch(/frame-ancestors 'none'/);
      expect(world.originRequests).toEqual([]);
    },
  );

  it("shows its request id on the page, and the page's own code", async () => {
    const answer = await new Browser(setUp()).navigate("/_wx/nothing");
    const page = await answer.text();
    expect(page).toContain(answer.headers.get("x-request-id"));
    expect(page).toContain("not_found");
  });

  it("is JSON for a script, with the same code and id", async () => {
    const answer = await new Browser(setUp()).fetch("/_wx/nothing");
    expect(answer.status).toBe(404);
    expect(await answer.json()).toEqual({ code: "not_found", request_id: answer.headers.get("x-request-id") });
  });
});

describe("the table of endpoints", () => {
  const METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"];
  const TABLE: [string, string[]][] = [
    ["/_wx/login", ["GET", "HEAD", "POST"]],
    ["/_wx/callback", ["GET"]],
    ["/_wx/logout", ["GET", "HEAD", "POST"]],
    ["/_wx/me", ["GET", "HEAD"]],
    ["/_wx/check", ["GET", "HEAD"]],
    ["/_wx/jwks.json", ["GET", "HEAD"]],
    ["/_wx/health", ["GET", "HEAD"]],
  ];

  it.each(TABLE)("%s answers %j and nothing else: 405 with Allow", async (path, allowed) => {
    const browser = new Browser(setUp());
    for (const method of METHODS) {
      const answer = await browser.request(path, { method, headers: { "sec-fetch-site": "same-origin" } });
      if (allowed.includes(method)) {
        expect(`${method} ${answer.status}`).not.toBe(`${method} 405`);
        continue;
      }
      expect(`${method} ${answer.status}`).toBe(`${method} 405`);
      expect(answer.headers.get("allow")?.split(/,\s*/).toSorted()).toEqual(allowed.toSorted());
    }
  });

  it.each(TABLE.filter(([, allowed]) => allowed.includes("HEAD")))(
    "%s answers HEAD as GET without a body",
    async (path) => {
      const world = setUp();
      const browser = await signedIn(world);
      const [get, head] = [
        await browser.request(path, { headers: { accept: "text/html" } }),
        await browser.request(path, { method: "HEAD", headers: { accept: "text/html" } }),
      ];
      expect(head.status).toBe(get.status);
      expect(head.headers.get("content-type")).toBe(get.headers.get("content-type"));
      expect(await head.text()).toBe("");
    },
  );

  it.each([
    "/_wx",
    "/_wx/",
    "/_wx/login/",
    "/_wx/me/",
    "/_wx/callback/",
    "/_wx/me/x",
    "/_wx/jwks",
    "/_wx/admin",
    "/_wx/MP_verify_unknown.txt",
  ])("%s is 404, never forwarded", async (path) => {
    const world = setUp([site({ access: "open" })]);
    expect((await new Browser(world).navigate(path)).status).toBe(404);
    expect(world.originRequests).toEqual([]);
  });

  it.each(["/_WX/me", "/_wx//me", "//_wx/me", "/%5fwx/me", "/_wx%2Fme"])(
    "%s, which somebody could read as ours, is 400, never forwarded",
    async (path) => {
      const world = setUp([site({ access: "open" })]);
      expect((await new Browser(world).navigate(`https://${HOST}${path}`)).status).toBe(400);
      expect(world.originRequests).toEqual([]);
    },
  );

  it("wants a host that is configured: 421 for another", async () => {
    const world = setUp();
    expect((await new Browser(world).navigate("https://other.example.com/_wx/me")).status).toBe(421);
    expect((await new Browser(world).navigate("https://other.example.com/")).status).toBe(421);
  });
});

describe("GET /_wx/login", () => {
  it("starts a silent login and returns to `to`", async () => {
    const world = setUp([site({ access: "optional" })]);
    const browser = new Browser(world, somebody());
    const { response, url } = await browser.open("/_wx/login?to=%2Fpage%3Fx%3D1");
    expect(response.status).toBe(200);
    expect(url).toBe(`https://${HOST}/page?x=1#`);
    expect(seenByOrigin(world, "x-wx-openid")).toBe(await openidOf(APP_ID, browser.person));
  });

  it("goes straight there with a session that meets the scope, without I/O", async () => {
    const world = setUp();
    const browser = await signedIn(world);
    const answer = await browser.navigate("/_wx/login?to=/page");
    expect(answer.status).toBe(302);
    expect(locationOf(answer)).toBe("/page");
    expect(world.calls).toEqual(NO_IO);
    expect((await browser.navigate("/_wx/login?to=/page&scope=profile")).status).toBe(401);
  });

  it.each([
    "https://evil.example.net/",
    "//evil.example.net",
    "/\\evil.example.net",
    "javascript:alert(1)",
    "/_wx/logout",
    "/a/../_wx/logout",
    "",
  ])("never leads off this host or to a path of ours: to=%s", async (to) => {
    const browser = await signedIn(setUp());
    expect(locationOf(await browser.navigate(`/_wx/login?to=${encodeURIComponent(to)}`))).toBe("/");
  });

  it("outside WeChat shows the guide of the page that one wanted", async () => {
    const browser = new Browser(setUp(), "ming", DESKTOP_USER_AGENT);
    const answer = await browser.navigate("/_wx/login?to=/page");
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain(`https://${HOST}/page`);
  });
});

describe("GET /_wx/login for what is no navigation", () => {
  it.each([
    { "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" },
    { "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" },
    { "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" },
    { "x-requested-with": "XMLHttpRequest", accept: "text/html" },
    // Of browsers that send no Sec-Fetch headers.
    { accept: "image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5" },
    { accept: "application/json" },
  ])("is a 401 in JSON that starts nothing: %j", async (headers) => {
    const world = setUp();
    const browser = new Browser(world, somebody());
    await browser.submit("/_wx/logout");
    const answer = await browser.request("/_wx/login?to=/x", { headers });
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ code: "login_required", level: "login" });
    expect(answer.headers.getSetCookie()).toEqual([]);
    const profile = await browser.request("/_wx/login?to=/x&scope=profile", { headers });
    expect(await profile.json()).toMatchObject({ code: "login_required", level: "profile" });
    // The pause of the sign-out holds.
    expect((await browser.navigate("/")).status).toBe(401);
  });
});

describe("our own POSTs", () => {
  const foreign: [string, Record<string, string>][] = [
    ["another site's page", { "sec-fetch-site": "cross-site" }],
    ["a sister host's page", { "sec-fetch-site": "same-site" }],
    ["no page at all", { "sec-fetch-site": "none" }],
    ["another site's page that also claims our Origin", { "sec-fetch-site": "cross-site", origin: `https://${HOST}` }],
  ];
  const withoutFetchMetadata: [string, Record<string, string>][] = [
    ["another Origin", { origin: "https://evil.example.net" }],
    ["our host over http", { origin: `http://${HOST}` }],
    ["our host with another port", { origin: `https://${HOST}:8443` }],
    ["Origin null", { origin: "null" }],
    ["neither Sec-Fetch-Site nor Origin", {}],
  ];

  for (const path of ["/_wx/login", "/_wx/logout"]) {
    it.each(foreign)(`${path} from %s is 403 and does nothing`, async (_, headers) => {
      const world = setUp();
      const browser = await signedIn(world);
      const answer = await browser.submit(path, { to: "/" }, headers);
      expect(answer.status).toBe(403);
      expect(answer.headers.get("set-cookie")).toBeNull();
      expect(world.calls).toEqual(NO_IO);
      expect(logged(world, { code: "foreign_request" })).toHaveLength(1);
    });

    it.each(withoutFetchMetadata)(`${path} from an old browser with %s is 403`, async (_, headers) => {
      const world = setUp();
      const browser = await signedIn(world);
      const answer = await browser.request(path, {
        method: "POST",
        body: "",
        headers: { accept: "text/html", ...headers },
      });
      expect(answer.status).toBe(403);
      expect(browser.cookies().has(SIGNED_OUT_COOKIE)).toBe(false);
    });

    it(`${path} from an old browser's page of ours is served`, async () => {
      const browser = await signedIn(setUp());
      const answer = await browser.request(path, {
        method: "POST",
        body: "to=%2F",
        headers: {
          accept: "text/html",
          origin: `https://${HOST}`,
          "content-type": "application/x-www-form-urlencoded",
        },
      });
      expect([302, 303]).toContain(answer.status);
    });
  }

  it.each(["/_wx/login", "/_wx/logout"])(
    "%s refuses a form of ours that is too long, and suspects nobody",
    async (path) => {
      const world = setUp();
      const browser = await signedIn(world);
      const answer = await browser.submit(path, { to: "x".repeat(200_000) });
      expect(answer.status).toBe(400);
      expect(await answer.text()).toContain("form_malformed");
      expect(answer.headers.get("set-cookie")).toBeNull();
      expect(world.calls).toEqual(NO_IO);
      expect(logged(world, { event: "failure" })).toEqual([]);
    },
  );

  it("need no form: a page's script may send any body", async () => {
    const browser = await signedIn(setUp());
    expect((await browser.submit("/_wx/logout", {}, { "content-type": "application/json" })).status).toBe(200);
    expect(browser.cookies().has(SESSION_COOKIE)).toBe(false);
  });
});

describe("sign-out", () => {
  it("asks first: a link alone signs nobody out", async () => {
    const browser = await signedIn(setUp());
    const answer = await browser.navigate("/_wx/logout?to=/bye");
    expect(answer.status).toBe(200);
    const page = await answer.text();
    expect(page).toContain('method="post" action="/_wx/logout"');
    expect(page).toContain('name="to" value="/bye"');
    expect(answer.headers.get("set-cookie")).toBeNull();
    expect((await browser.navigate("/")).status).toBe(200);
  });

  it("removes the session cookie, sets the marker, expires the origin's cookies, and is one log line", async () => {
    const world = setUp([site({ origin_cookies: ["PHPSESSID"] })]);
    const browser = await signedIn(world);
    const answer = await browser.submit("/_wx/logout");
    expect(answer.status).toBe(200);
    const cookies = cookiesSet(answer);
    expect(cookies.get(SESSION_COOKIE)).toMatchObject({ value: "", attributes: expect.arrayContaining(["Max-Age=0"]) });
    expect(cookies.get(SIGNED_OUT_COOKIE)?.attributes).toEqual(
      expect.arrayContaining(["Path=/", "HttpOnly", "SameSite=Lax", "Secure"]),
    );
    expect(cookies.get("PHPSESSID")).toMatchObject({ value: "", attributes: expect.arrayContaining(["Max-Age=0"]) });
    const [login, signOut] = world.logLines;
    expect(signOut).toMatchObject({ event: "sign_out", level: "info", site: HOST, who: login?.who });
  });

  it("expires the origin's cookies under the Paths that they are named with", async () => {
    const world = setUp([site({ origin_cookies: ["JSESSIONID", "JSESSIONID; Path=/shop"] })]);
    const answer = await (await signedIn(world)).submit("/_wx/logout");
    const hostOnly = answer.headers.getSetCookie().filter((line) => /^JSESSIONID=;(?!.*Domain=)/.test(line));
    expect(hostOnly).toEqual([
      expect.stringMatching(/^JSESSIONID=; Path=\/; .*Max-Age=0; Secure$/),
      expect.stringMatching(/^JSESSIONID=; Path=\/shop; .*Max-Age=0; Secure$/),
    ]);
  });

  it("goes to a safe `to`, and is 204 for a script", async () => {
    const world = setUp();
    const first = await (await signedIn(world)).submit("/_wx/logout", { to: "/bye?x=1" });
    expect(first.status).toBe(303);
    expect(locationOf(first)).toBe("/bye?x=1");
    const second = await (await signedIn(world)).submit("/_wx/logout", { to: "https://evil.example.net/" });
    expect(locationOf(second)).toBe("/");
    const browser = await signedIn(world);
    expect((await browser.fetch("/_wx/logout", { method: "POST" })).status).toBe(204);
    expect((await browser.fetch("/api")).status).toBe(401);
  });

  it("without a session is no error and pauses all the same", async () => {
    const world = setUp();
    const browser = new Browser(world, somebody());
    expect((await browser.submit("/_wx/logout")).status).toBe(200);
    expect(world.calls).toEqual(NO_IO);
    expect(logged(world, { event: "sign_out" })).toEqual([]);
    expect((await browser.navigate("/")).status).toBe(401);
  });

  const LEVELS = site({
    rules: [
      { path: "/login", access: "login" },
      { path: "/profile", access: "profile" },
      { path: "/auto", access: "auto" },
      { path: "/optional", access: "optional" },
    ],
  });

  it("pauses the silent sign-in on this browser: a signed-out page on login and profile, anonymous on auto", async () => {
    const world = setUp([LEVELS]);
    const browser = await signedIn(world);
    await browser.submit("/_wx/logout");
    for (const path of ["/login", "/profile"]) {
      const answer = await browser.navigate(path);
      expect(answer.status).toBe(401);
      const page = await answer.text();
      expect(page).toContain("已退出登录");
      expect(page).toContain(`name="to" value="${path}"`);
    }
    for (const path of ["/auto", "/optional"]) {
      expect((await browser.navigate(path)).status).toBe(200);
      expect(seenByOrigin(world, "x-wx-openid")).toBeNull();
    }
    expect(world.wechatCalls).toEqual([]);
  });

  it.each([
    ["the page's button", (browser: Browser) => browser.submit("/_wx/login", { to: "/auto", scope: "base" })],
    ["a link to /_wx/login", (browser: Browser) => browser.navigate("/_wx/login?to=/auto")],
  ])("ends its pause with a tap on sign in: %s", async (_, tap) => {
    const world = setUp([LEVELS]);
    const browser = await signedIn(world);
    await browser.submit("/_wx/logout");
    expect(browser.cookies().has(SIGNED_OUT_COOKIE)).toBe(true);
    const answer = await tap(browser);
    expect(authorizeRequest(locationOf(answer)).scope).toBe("snsapi_base");
    const last = (await browser.follow(answer, "/")).at(-1);
    expect(last?.url).toBe(`https://${HOST}/auto#`);
    expect(seenByOrigin(world, "x-wx-openid")).toBe(await openidOf(APP_ID, browser.person));
    expect(browser.cookies().has(SIGNED_OUT_COOKIE)).toBe(false);
    // And silently from now on.
    browser.cookies().delete(SESSION_COOKIE);
    expect((await browser.navigate("/login")).status).toBe(302);
  });

  it("ends its pause with the tap, not with the login: who came back without a code may go on silently", async () => {
    const browser = await signedIn(setUp([LEVELS]));
    await browser.submit("/_wx/logout");
    await browser.submit("/_wx/login", { to: "/login", scope: "base" });
    expect(browser.cookies().has(SIGNED_OUT_COOKIE)).toBe(false);
    expect((await browser.navigate("/login")).status).toBe(302);
  });

  it("lasts: a month of visits later the browser is still not signed in by itself", async () => {
    stopClock();
    const browser = await signedIn(setUp());
    await browser.submit("/_wx/logout");
    passSeconds(29 * 86_400);
    expect((await browser.navigate("/")).status).toBe(401);
  });

  it("is no business of another browser of the same person", async () => {
    const world = setUp();
    const person = somebody();
    const [first, second] = [await signedIn(world, person), await signedIn(world, person)];
    await first.submit("/_wx/logout");
    expect((await second.navigate("/")).status).toBe(200);
    expect((await new Browser(world, person).open("/")).response.status).toBe(200);
  });

  it("cannot be forged into a lock-out: a marker that does not open is none", async () => {
    const browser = new Browser(setUp(), somebody());
    browser.cookies().set(SIGNED_OUT_COOKIE, "out");
    expect((await browser.navigate("/")).status).toBe(302);
  });
});

describe("GET /_wx/me", () => {
  it("is 200 for everybody, and says no more than that nobody is signed in", async () => {
    const answer = await new Browser(setUp()).fetch("/_wx/me");
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toMatch(/^application\/json/);
    expect(await answer.json()).toEqual({ signed_in: false });
  });

  it("has every field after a silent login, null where it is not known", async () => {
    const world = setUp();
    const browser = await signedIn(world);
    await browser.navigate("/");
    expect(await (await browser.fetch("/_wx/me")).json()).toEqual({
      signed_in: true,
      user: seenByOrigin(world, "x-wx-user"),
      openid: await openidOf(APP_ID, browser.person),
      appid: APP_ID,
      unionid: null,
      site_user: null,
      nickname: null,
      avatar: null,
      level: "login",
    });
  });

  it("has the profile after consent, and never a token or the session's id", async () => {
    const browser = await withProfile(setUp(), "test-zhang");
    const text = await (await browser.fetch("/_wx/me")).text();
    expect(JSON.parse(text)).toEqual({
      signed_in: true,
      user: expect.stringMatching(/^wxu_/),
      openid: await openidOf(APP_ID, "test-zhang"),
      appid: APP_ID,
      unionid: expect.any(String),
      site_user: null,
      nickname: "测试 zhang",
      avatar: expect.stringMatching(/^https:/),
      level: "profile",
    });
    for (const [token] of browser.world.simulator.state.accessTokens) expect(text).not.toContain(token);
  });
});

describe("GET /_wx/check", () => {
  it("is 204 with the identity's headers, absent ones empty, and no assertion", async () => {
    const browser = await signedIn(setUp());
    const answer = await browser.fetch("/_wx/check");
    expect(answer.status).toBe(204);
    const identity = [...answer.headers].filter(([name]) => name.startsWith("x-wx-"));
    expect(Object.fromEntries(identity)).toEqual({
      "x-wx-openid": await openidOf(APP_ID, browser.person),
      "x-wx-appid": APP_ID,
      "x-wx-source": "wxgate",
      "x-wx-unionid": "",
      "x-wx-user": expect.stringMatching(/^wxu_/),
      "x-wx-site-user": "",
      "x-wx-nickname": "",
      "x-wx-avatar": "",
      "x-wx-level": "login",
    });
  });

  it("is 401 for nobody, and for a login where a profile is wanted", async () => {
    const world = setUp();
    const nobody = await new Browser(world).fetch("/_wx/check");
    expect(nobody.status).toBe(401);
    expect(await nobody.json()).toMatchObject({
      code: "login_required",
      level: "login",
      login_url: "/_wx/login?to=%2F",
    });
    const browser = await signedIn(world);
    const answer = await browser.fetch("/_wx/check?level=profile");
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ level: "profile", login_url: "/_wx/login?to=%2F&scope=profile" });
    expect((await (await withProfile(world)).fetch("/_wx/check?level=profile")).status).toBe(204);
  });

  it.each(["Profile", "profil", "login&level=profile", ""])(
    "takes a level that it does not know for the stricter one: %j",
    async (level) => {
      const browser = await signedIn(setUp());
      expect((await browser.fetch("/_wx/check?level=login")).status).toBe(204);
      expect((await browser.fetch(`/_wx/check?level=${level}`)).status).toBe(401);
    },
  );

  it("judges no rule: a denied site's visitor is signed in all the same", async () => {
    const world = setUp([site({ rules: [{ path: "/in", access: "login" }], access: "deny" })]);
    const browser = new Browser(world, somebody());
    await browser.open("/in");
    expect((await browser.fetch("/_wx/check")).status).toBe(204);
    expect((await browser.fetch("/_wx/check", { headers: { "x-original-url": "/x" } })).status).toBe(204);
  });

  it("is 401 also for a navigation: a proxy in front never gets a redirect", async () => {
    expect((await new Browser(setUp()).navigate("/_wx/check")).status).toBe(401);
  });
});

describe("GET /_wx/jwks.json and the assertion", () => {
  it("publishes the public halves only, cacheable for 5 minutes", async () => {
    const world = setUp();
    const answer = await new Browser(world).fetch("/_wx/jwks.json");
    expect(answer.status).toBe(200);
    expect(answer.headers.get("cache-control")).toBe("public, max-age=300");
    const { keys } = (await answer.json()) as { keys: Record<string, unknown>[] };
    expect(keys).toHaveLength(1);
    expect(keys[0]).toMatchObject({ kty: "EC", crv: "P-256", alg: "ES256", use: "sig", kid: expect.any(String) });
    expect(keys[0]).not.toHaveProperty("d");
    expect(world.calls).toEqual(NO_IO);
  });

  async function verified(browser: Browser, audience = HOST) {
    const jwks = (await (await browser.fetch("/_wx/jwks.json")).json()) as JSONWebKeySet;
    await browser.navigate("/");
    const jwt = seenByOrigin(browser.world, "x-wx-assertion") ?? "";
    const options = { issuer: `https://${HOST}`, audience, typ: "wxgate+jwt", algorithms: ["ES256"] };
    const { payload, protectedHeader } = await jwtVerify(jwt, createLocalJWKSet(jwks), options);
    return { jwt, payload, protectedHeader, jwks };
  }

  it("verifies with the published key and says who, where, how and for how long", async () => {
    stopClock();
    const world = setUp();
    const browser = await signedIn(world);
    const { payload, protectedHeader, jwks } = await verified(browser);
    expect(protectedHeader).toEqual({ alg: "ES256", typ: "wxgate+jwt", kid: jwks.keys[0]?.kid });
    const now = Date.now() / 1_000;
    expect(payload).toEqual({
      iss: `https://${HOST}`,
      aud: HOST,
      sub: seenByOrigin(world, "x-wx-user"),
      openid: await openidOf(APP_ID, browser.person),
      appid: APP_ID,
      level: "login",
      sid: expect.stringMatching(/^[a-z2-7]{26}$/),
      amr: ["silent"],
      iat: now,
      exp: now + 300,
    });
  });

  it("carries the unionid and the consent after a profile login", async () => {
    const { payload } = await verified(await withProfile(setUp()));
    expect(payload).toMatchObject({ level: "profile", amr: ["consent"], unionid: expect.any(String) });
  });

  it("is never older at the origin than it may be: 5 minutes at most, at least a while to go", async () => {
    stopClock();
    const browser = await signedIn(setUp());
    for (let minute = 0; minute < 12; minute++) {
      const { payload } = await verified(browser);
      const now = Date.now() / 1_000;
      expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBeLessThanOrEqual(300);
      expect((payload.exp ?? 0) - now).toBeGreaterThanOrEqual(60);
      passSeconds(60);
    }
  });

  it("does not verify for another host", async () => {
    const browser = await signedIn(setUp());
    await expect(verified(browser, "other.example.com")).rejects.toThrow(/aud/);
  });

  it("signs with the first of several keys and publishes all", async () => {
    const one = setUp();
    const two = setUp();
    const keysOf = (world: World) => (JSON.parse(String(world.env.ASSERTION_KEYS)) as { keys: object[] }).keys;
    const { generateKeyPair, exportJWK } = await import("jose");
    const { privateKey } = await generateKeyPair("ES256", { extractable: true });
    const newer = { ...(await exportJWK(privateKey)), alg: "ES256", kid: "newer" };
    const world = setUp([site()], { ASSERTION_KEYS: JSON.stringify({ keys: [newer, ...keysOf(one)] }) });
    expect(keysOf(one)).toEqual(keysOf(two));
    const browser = await signedIn(world);
    const { jwt, jwks } = await verified(browser);
    expect(decodeProtectedHeader(jwt).kid).toBe("newer");
    expect(jwks.keys).toHaveLength(2);
  });
});

describe("GET /_wx/health", () => {
  it("is alive with its version, and asks nobody", async () => {
    const world = setUp();
    world.env.DB = brokenDatabase();
    const answer = await new Browser(world).fetch("/_wx/health");
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ status: "ok", version: expect.any(String) });
    expect(world.wechatCalls).toEqual([]);
  });

  it("deep: is fine when D1, KV and WeChat answer, and spends no code on it", async () => {
    const world = setUp();
    const answer = await new Browser(world).fetch("/_wx/health?deep=1");
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ status: "ok", failing: [] });
    expect(world.wechatCalls).toEqual(["/sns/auth"]);
  });

  it.each([
    ["d1", (world: World) => Object.assign(world.env, { DB: brokenDatabase() })],
    ["kv", (world: World) => Object.assign(world.env, { TOKENS: brokenNamespace() })],
    ["wechat", () => vi.stubGlobal("fetch", () => Promise.reject(new TypeError("no route to host")))],
  ])("deep: names %s alone when it fails, and no more than its name", async (part, breakIt) => {
    const world = setUp();
    breakIt(world);
    const answer = await new Browser(world).fetch("/_wx/health?deep=1");
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({ status: "failing", version: expect.any(String), failing: [part] });
    await new Browser(world).fetch("/_wx/health?deep=1");
    const lines = world.logLines.filter(({ event }) => event === "failure");
    // The reason, once for what is remembered.
    expect(lines).toMatchObject([
      { level: "error", detail: expect.stringMatching(new RegExp(`^health: ${part}: .+`)) },
    ]);
  });

  it("deep: is remembered for 30 seconds, good or bad", async () => {
    stopClock();
    const world = setUp();
    world.env.DB = brokenDatabase();
    const browser = new Browser(world);
    await browser.fetch("/_wx/health?deep=1");
    Object.assign(world.env, { DB: database, TOKENS: tokenStore });
    startCounting(world);
    passSeconds(29);
    expect((await browser.fetch("/_wx/health?deep=1")).status).toBe(503);
    expect(world.wechatCalls).toEqual([]);
    passSeconds(1);
    expect((await browser.fetch("/_wx/health?deep=1")).status).toBe(200);
  });

  it("reaches WeChat and D1 once however many deep checks come at the same moment", async () => {
    const world = setUp();
    await Promise.all(Array.from({ length: 20 }, () => new Browser(world).fetch("/_wx/health?deep=1")));
    expect(world.wechatCalls).toHaveLength(1);
    expect(world.calls.d1).toBe(1);
  });

  it("deep: names d1 when a migration is missing", async () => {
    const { results } = await database
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
      .all<{ name: string }>();
    const ours = results.flatMap(({ name }) => (/^(?:_|sqlite_|d1_)/.test(name) ? [] : [name]));
    expect(ours.length).toBeGreaterThan(5);
    for (const table of ours) {
      await database.exec(`ALTER TABLE ${table} RENAME TO elsewhere`);
      const answer = await new Browser(setUp()).fetch("/_wx/health?deep=1");
      await database.exec(`ALTER TABLE elsewhere RENAME TO ${table}`);
      expect([table, (await answer.json<{ failing: string[] }>()).failing]).toEqual([table, ["d1"]]);
    }
  });

  it("deep: says nothing is fine before it knows", async () => {
    const world = setUp();
    world.env.DB = brokenDatabase();
    const all = Array.from({ length: 5 }, () => new Browser(world).fetch("/_wx/health?deep=1"));
    for (const answer of await Promise.all(all)) expect(answer.status).toBe(503);
  });
});

describe("WeChat's verification files", () => {
  const VERIFIED = site({ verify: ["AbCdEf0123456789", "WW_verify_x.txt=some body"] });
  const places = ["https", "http"].flatMap((scheme) => ["", "/_wx"].map((prefix) => `${scheme}://${HOST}${prefix}`));

  it.each(places)("are served at %s: exact body, plain text, no redirect, no sign-in", async (place) => {
    const world = setUp([VERIFIED]);
    const crawler = new Browser(world, "ming", "Mozilla/4.0");
    const answer = await crawler.request(`${place}/MP_verify_AbCdEf0123456789.txt`);
    expect(answer.status).toBe(200);
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(new TextEncoder().encode("AbCdEf0123456789"));
    expect(answer.headers.get("content-type")).toMatch(/^text\/plain/);
    expect(answer.headers.get("set-cookie")).toBeNull();
    const other = await crawler.request(`${place}/WW_verify_x.txt`);
    expect(await other.text()).toBe("some body");
    const head = await crawler.request(`${place}/WW_verify_x.txt`, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    expect(world.originRequests).toEqual([]);
  });

  it.each(["POST", "PUT", "OPTIONS", "DELETE"])("answer %s with 405, whatever the path's level", async (method) => {
    for (const access of ["open", "login"] as const) {
      const world = setUp([site({ access, verify: ["AbCdEf0123456789"] })]);
      for (const prefix of ["", "/_wx"]) {
        const answer = await new Browser(world).fetch(`${prefix}/MP_verify_AbCdEf0123456789.txt`, { method });
        expect([answer.status, answer.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
      }
      expect(world.originRequests).toEqual([]);
    }
  });

  it("are these files only: another name takes the usual way", async () => {
    const world = setUp([VERIFIED]);
    const browser = new Browser(world);
    expect((await browser.navigate("/MP_verify_AbCdEf012345678X.txt")).status).toBe(302);
    expect((await browser.navigate("/sub/MP_verify_AbCdEf0123456789.txt")).status).toBe(302);
  });
});

describe("plain http", () => {
  it("moves GET and HEAD to https by 308, path and query byte for byte", async () => {
    const world = setUp();
    const browser = new Browser(world);
    for (const method of ["GET", "HEAD"]) {
      const answer = await browser.request(`http://${HOST}/a%20b?c=%2F&d`, { method });
      expect(answer.status).toBe(308);
      expect(locationOf(answer)).toBe(`https://${HOST}/a%20b?c=%2F&d`);
      expect(answer.headers.get("set-cookie")).toBeNull();
    }
    expect(world.originRequests).toEqual([]);
  });

  it("refuses the rest, and serves nothing of ours", async () => {
    const world = setUp([site({ access: "open" })]);
    const browser = new Browser(world);
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
      expect((await browser.request(`http://${HOST}/`, { method })).status).toBe(403);
    }
    expect((await browser.request(`http://${HOST}/_wx/me`)).status).toBe(308);
    expect(world.originRequests).toEqual([]);
  });

  it("and https beside it: the assertion names the scheme of this very request", async () => {
    const world = setUp([site({ http: true })]);
    const browser = new Browser(world, somebody());
    await browser.open(`http://${HOST}/page`);
    const session = browser.cookies().get("wx") ?? "";
    const issuers: string[] = [];
    for (const [scheme, name] of [
      ["http", "wx"],
      ["https", "__Host-wx"],
      ["http", "wx"],
    ]) {
      const headers = { cookie: `${name}=${session}` };
      expect((await world.send(new Request(`${scheme}://${HOST}/page`, { headers }))).status).toBe(200);
      const [, claims = ""] = seenByOrigin(world, "x-wx-assertion")?.split(".") ?? [];
      issuers.push(JSON.parse(atob(claims.replaceAll("-", "+").replaceAll("_", "/"))).iss);
    }
    expect(issuers).toEqual([`http://${HOST}`, `https://${HOST}`, `http://${HOST}`]);
  });

  it("is served with `http = true`, with cookies that http browsers keep", async () => {
    const world = setUp([site({ http: true })]);
    const answer = await new Browser(world).navigate(`http://${HOST}/page`);
    const { state, redirectUri } = authorizeRequest(locationOf(answer));
    expect(redirectUri.origin).toBe(`http://${HOST}`);
    const [name, cookie] = [...cookiesSet(answer)][0] ?? [];
    expect(name).toBe(`wx_a_${state.slice(0, 8)}`);
    expect(cookie?.attributes).not.toContain("Secure");
    const { response } = await new Browser(world, somebody()).open(`http://${HOST}/page`);
    expect(response.status).toBe(200);
  });
});

describe('mode = "observe"', () => {
  const OBSERVED = site({
    mode: "observe",
    rules: [
      { path: "/deny", access: "deny" },
      { path: "/profile", access: "profile" },
    ],
  });

  it("forwards what it would refuse or redirect, and says so in the log", async () => {
    const world = setUp([OBSERVED]);
    const [phone, desktop] = [new Browser(world), new Browser(world, "ming", DESKTOP_USER_AGENT)];
    expect((await phone.navigate("/")).status).toBe(200);
    expect((await desktop.navigate("/")).status).toBe(200);
    expect((await phone.fetch("/api")).status).toBe(200);
    expect(logged(world, { event: "would" }).map(({ would }) => would)).toEqual([
      "start_login",
      "outside_page",
      "login_required",
    ]);
    for (const { headers } of world.originRequests) expect(headers.get("x-wx-openid")).toBeNull();
  });

  it("forwards who is signed in as such, and asks for no profile", async () => {
    const world = setUp([OBSERVED]);
    const browser = new Browser(world, somebody());
    await browser.open("/_wx/login?to=/");
    expect((await browser.navigate("/profile")).status).toBe(200);
    expect(seenByOrigin(world, "x-wx-openid")).toBe(await openidOf(APP_ID, browser.person));
    expect(seenByOrigin(world, "x-wx-level")).toBe("login");
    expect(logged(world, { event: "would", would: "ask_profile" })).toHaveLength(1);
  });

  it("still denies", async () => {
    const world = setUp([OBSERVED]);
    expect((await new Browser(world).navigate("/deny")).status).toBe(403);
    expect(world.originRequests).toEqual([]);
  });

  it("removes what a client forged, as ever", async () => {
    const world = setUp([OBSERVED]);
    await new Browser(world).navigate("/", { "x-wx-openid": "oForged", X_WX_USER: "wxu_root" });
    expect([...(world.originRequests[0]?.headers.keys() ?? [])].filter((name) => /wx/i.test(name))).toEqual([]);
  });
});
