import { beforeEach, describe, expect, it } from "vitest";
import { toBase64Url, utf8Bytes } from "../src/encoding.ts";
import { Browser, WECHAT_USER_AGENT } from "./support/browser.ts";
import { DISGUISED_OWN_PATHS, rawMethod, rawRequest } from "./support/hostile.ts";
import { cleanUp, lastOriginRequest, locationOf, rowCounts, setUp } from "./support/setting.ts";
import { HOST, type SiteInput, site, type World } from "./support/world.ts";

/** What other sites' pages can make a browser send: WebSockets, preflights, posts to our endpoints, return paths. */

cleanUp();

const BASE = `https://${HOST}`;
const ALLOWED = "https://app.example.com";
const SITE: SiteInput = {
  allowed_origins: [ALLOWED],
  rules: [
    { path: "/open/*", access: "open" },
    { path: "/optional/*", access: "optional" },
    { path: "/auto/*", access: "auto" },
    { path: "/login/*", access: "login" },
    { path: "/profile/*", access: "profile" },
    { path: "/deny/*", access: "deny" },
  ],
};
const FOREIGN = [
  null,
  "",
  "null",
  "https://evil.example",
  "https://shop.example.com.evil.example",
  "https://evilshop.example.com",
  "http://shop.example.com",
  "https://shop.example.com:8443",
  "https://shop.example.com/",
  "https://SHOP.example.com",
  "https://x.shop.example.com",
  "https://app.example.com.evil.example",
  "http://app.example.com",
  "https://app.example.com:444",
  `${BASE}, https://evil.example`,
  `https://evil.example ${BASE}`,
  "*",
];

let world: World;
let cookie: string;
beforeEach(async () => {
  world = setUp([site(SITE)]);
  const browser = new Browser(world);
  await browser.open("/login/start");
  cookie = browser.cookieHeader();
  world.originRequests.length = 0;
});

describe("a WebSocket", () => {
  const open = (path: string, origin: string | null, headers: Record<string, string> = {}) =>
    world.send(
      rawRequest(BASE + path, {
        headers: { upgrade: "websocket", connection: "Upgrade", ...(origin === null ? {} : { origin }), ...headers },
      }),
    );
  const acceptSockets = () =>
    world.setOrigin((request) => {
      const pair = new WebSocketPair();
      return request.headers.get("upgrade") === null
        ? new Response("no socket")
        : new Response(null, { status: 101, webSocket: pair[0] });
    });

  it.each(FOREIGN)("from %j is refused on every level, signed in or not, before the origin sees it", async (origin) => {
    acceptSockets();
    for (const level of ["open", "optional", "auto", "login", "profile", "deny"]) {
      for (const session of [{}, { cookie }]) {
        for (const upgrade of ["websocket", "WebSocket", "WEBSOCKET"]) {
          expect((await open(`/${level}/x`, origin, { ...session, upgrade })).status).toBe(403);
        }
      }
    }
    expect(world.originRequests).toEqual([]);
  });

  it.each([BASE, ALLOWED])("from %s needs the session that the level needs", async (origin) => {
    acceptSockets();
    const statuses = async (session: Record<string, string>) => {
      const found: Record<string, number> = {};
      for (const level of ["open", "optional", "auto", "login", "profile", "deny"]) {
        found[level] = (
          await open(`/${level}/x`, origin, { ...session, "user-agent": WECHAT_USER_AGENT, accept: "text/html" })
        ).status;
      }
      return found;
    };
    expect(await statuses({})).toEqual({ open: 101, optional: 101, auto: 101, login: 401, profile: 401, deny: 403 });
    expect(await statuses({ cookie: "__Host-wx=rubbish" })).toMatchObject({ login: 401, profile: 401 });
    expect(await statuses({ cookie })).toEqual({
      open: 101,
      optional: 101,
      auto: 101,
      login: 101,
      profile: 401,
      deny: 403,
    });
    expect(lastOriginRequest(world).headers.get("x-wx-openid")).not.toBeNull();
    expect(lastOriginRequest(world).headers.get("upgrade")).toBe("websocket");
  });

  it("hidden behind another upgrade, a list or a method is no way around", async () => {
    acceptSockets();
    for (const upgrade of ["h2c", "websocket, h2c", "h2c, websocket", "websockets", "websocket/13"]) {
      expect((await open("/login/x", "https://evil.example", { upgrade })).status).toBe(401);
      expect((await open("/open/x", "https://evil.example", { upgrade, cookie })).status).toBe(200);
      expect(lastOriginRequest(world).headers.has("upgrade")).toBe(false);
    }
    const posted = rawMethod("POST", `${BASE}/open/x`, {
      headers: { upgrade: "websocket", origin: "https://evil.example" },
    });
    expect((await world.send(posted)).status).toBe(403);
  });

  it("is opened by GET alone: no other method reaches the origin as the GET that the runtime would make of it", async () => {
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PROPFIND"]) {
      const headers = { upgrade: "websocket", connection: "Upgrade", origin: BASE, cookie };
      await world.send(rawMethod(method, `${BASE}/open/x`, { headers }));
      expect(lastOriginRequest(world)).toMatchObject({ method });
      expect(lastOriginRequest(world).headers.has("upgrade")).toBe(false);
    }
  });
});

describe("a preflight", () => {
  const preflight = (path: string, origin: string, more: Record<string, string> = {}) =>
    world.send(
      rawMethod("OPTIONS", BASE + path, {
        headers: {
          origin,
          "access-control-request-method": "PUT",
          "access-control-request-headers": "content-type, x-a",
          ...more,
        },
      }),
    );

  it.each(["login", "profile"])("on a %s path is answered here, and never reaches the origin", async (level) => {
    for (const origin of [BASE, ALLOWED]) {
      for (const session of [{}, { cookie }]) {
        const response = await preflight(`/${level}/x`, origin, session);
        expect(response.status).toBe(204);
        expect(response.headers.get("access-control-allow-origin")).toBe(origin);
        expect(response.headers.get("access-control-allow-credentials")).toBe("true");
        expect(response.headers.get("access-control-allow-methods")).toBe("PUT");
        expect(response.headers.get("access-control-allow-headers")).toBe("content-type, x-a");
        expect(response.headers.get("vary")).toContain("Origin");
        expect(response.headers.getSetCookie()).toEqual([]);
      }
    }
    for (const origin of FOREIGN) {
      if (origin === null || origin === "") continue;
      const response = await preflight(`/${level}/x`, origin, { cookie });
      expect(response.status).toBe(403);
      expect([...response.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
    }
    expect(world.originRequests).toEqual([]);
  });

  it("with rubbish for a method or header names is refused", async () => {
    for (const value of ["a b", "a,b", "(x)", "PUT\u0001", "\u4e2d"]) {
      expect((await preflight("/login/x", ALLOWED, { "access-control-request-method": value })).status).toBe(403);
    }
    for (const value of ["a;b", "<x>", "a: b", '"a"']) {
      expect((await preflight("/login/x", ALLOWED, { "access-control-request-headers": value })).status).toBe(403);
    }
  });

  it("on a deny path is denied; on open, optional and auto the origin answers it, as nobody's", async () => {
    expect((await preflight("/deny/x", ALLOWED)).status).toBe(403);
    for (const level of ["open", "optional", "auto"]) {
      expect((await preflight(`/${level}/x`, "https://evil.example")).status).toBe(200);
      expect(lastOriginRequest(world).method).toBe("OPTIONS");
      expect(lastOriginRequest(world).headers.has("x-wx-openid")).toBe(false);
    }
    expect(world.originRequests).toHaveLength(3);
  });

  it("that is none (no Origin or no asked method) passes the gate as any OPTIONS", async () => {
    expect((await world.send(rawMethod("OPTIONS", `${BASE}/login/x`))).status).toBe(401);
    expect((await world.send(rawMethod("OPTIONS", `${BASE}/login/x`, { headers: { origin: ALLOWED } }))).status).toBe(
      401,
    );
    expect(
      (
        await world.send(
          rawMethod("OPTIONS", `${BASE}/login/x`, { headers: { "access-control-request-method": "GET" } }),
        )
      ).status,
    ).toBe(401);
    expect(world.originRequests).toEqual([]);
  });

  it("'s actual request is refused readably for an allowed origin, and unreadably for others", async () => {
    const allowed = await world.send(rawRequest(`${BASE}/login/x`, { headers: { origin: ALLOWED } }));
    expect([allowed.status, allowed.headers.get("access-control-allow-origin")]).toEqual([401, ALLOWED]);
    expect(allowed.headers.get("vary")).toContain("Origin");
    for (const origin of ["https://evil.example", "null", "*"]) {
      const foreign = await world.send(rawRequest(`${BASE}/login/x`, { headers: { origin } }));
      expect([foreign.status, foreign.headers.get("access-control-allow-origin")]).toEqual([401, null]);
    }
  });
});

describe("a post to our endpoints", () => {
  const FORM = "application/x-www-form-urlencoded";
  const post = (path: string, headers: Record<string, string>, body: string | null = "to=%2Fx") =>
    world.send(
      rawRequest(BASE + path, {
        method: "POST",
        body,
        headers: { "content-type": FORM, "user-agent": WECHAT_USER_AGENT, accept: "text/html", cookie, ...headers },
      }),
    );

  const FOREIGN_POSTS: Array<Record<string, string>> = [
    {},
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { "sec-fetch-site": "none" },
    { "sec-fetch-site": "" },
    { "sec-fetch-site": "same-origin, cross-site" },
    { "sec-fetch-site": "Same-Origin" },
    { "sec-fetch-site": "cross-site", origin: BASE },
    { origin: "null" },
    { origin: "https://evil.example" },
    { origin: "http://shop.example.com" },
    { origin: ALLOWED },
    { origin: `${BASE}:8443` },
    { referer: `${BASE}/x` },
  ];

  it.each(FOREIGN_POSTS)("with %j is refused, ends no session and starts no login", async (headers) => {
    const before = await rowCounts();
    for (const path of ["/_wx/logout", "/_wx/login"]) {
      const response = await post(path, headers);
      expect(response.status).toBe(403);
      expect(response.headers.getSetCookie()).toEqual([]);
      expect(response.headers.get("location")).toBeNull();
    }
    expect(await rowCounts()).toEqual(before);
    expect((await world.send(rawRequest(`${BASE}/login/x`, { headers: { cookie } }))).status).toBe(200);
  });

  it.each([{ "sec-fetch-site": "same-origin" }, { "sec-fetch-site": "same-origin", origin: "null" }, { origin: BASE }])(
    "with %j is our own page's",
    async (headers) => {
      expect((await post("/_wx/login", headers)).status).toBe(302);
      expect((await post("/_wx/logout", headers)).status).toBe(303);
    },
  );

  it("is judged by who sends it, not by its body; one that is too long is refused", async () => {
    const own = { "sec-fetch-site": "same-origin" };
    for (const type of ["text/plain", "multipart/form-data; boundary=x", "application/json"]) {
      const headers = { "content-type": type };
      expect((await post("/_wx/logout", { ...headers, "sec-fetch-site": "cross-site" })).status).toBe(403);
      expect((await post("/_wx/logout", { ...own, ...headers }, '{"to":"/x"}')).status).toBe(200);
    }
    expect((await post("/_wx/logout", own, `to=${"a".repeat(20_000)}`)).status).toBe(400);
    expect((await post("/_wx/logout", { ...own, "content-length": "x" })).status).toBeLessThan(500);
    expect((await post("/_wx/logout", own, "%ff%fe=%zz&to&&=")).status).toBeLessThan(400);
  });

  it("is what a sign-out needs: a link, an image or a prefetch signs nobody out", async () => {
    for (const headers of [{ accept: "text/html" }, { "sec-fetch-dest": "image" }, { "sec-purpose": "prefetch" }]) {
      const response = await world.send(rawRequest(`${BASE}/_wx/logout?to=/x`, { headers: { cookie, ...headers } }));
      expect(response.status).toBe(200);
      expect(response.headers.getSetCookie()).toEqual([]);
    }
    expect((await world.send(rawRequest(`${BASE}/login/x`, { headers: { cookie } }))).status).toBe(200);
  });
});

describe("a return path from a hostile link", () => {
  const HOSTILE = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n//evil.example",
    "/%09/evil.example",
    "/.//evil.example",
    "/..//evil.example",
    "/%2e%2e//evil.example",
    "/%5cevil.example",
    "//shop.example.com@evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    " //evil.example",
    "/_wx/logout",
    "/_wx/login?to=/x",
    "/x\r\nSet-Cookie: a=b",
    "/x?\r\nLocation: https://evil.example",
    "/\u0000",
    "?//evil.example",
    "#//evil.example",
    "",
    `/${"a".repeat(2_000)}`,
    `/?${"中".repeat(500)}`,
    ...DISGUISED_OWN_PATHS.filter((path) => !path.includes("#")),
  ];
  const navigation = { accept: "text/html", "user-agent": WECHAT_USER_AGENT };

  function expectHome(location: string): void {
    const url = new URL(location, `${BASE}/_wx/callback`);
    expect([url.origin, url.pathname, url.search]).toEqual([BASE, "/", ""]);
  }

  it.each(HOSTILE)("%j: a login that is not needed goes home", async (to) => {
    const response = await world.send(
      rawRequest(`${BASE}/_wx/login?to=${encodeURIComponent(to)}`, { headers: { ...navigation, cookie } }),
    );
    expect(response.status).toBe(302);
    expectHome(locationOf(response));
  });

  it.each(HOSTILE)("%j: a sign-out goes home", async (to) => {
    const body = new URLSearchParams({ to }).toString();
    const headers = {
      ...navigation,
      "content-type": "application/x-www-form-urlencoded",
      "sec-fetch-site": "same-origin",
    };
    const response = await world.send(rawRequest(`${BASE}/_wx/logout`, { method: "POST", body, headers }));
    if (to === "") expect(response.status).toBe(200);
    else expectHome(locationOf(response));
    expect(response.headers.getSetCookie().join()).not.toContain("a=b");
  });

  it.each(HOSTILE)("%j: a callback whose attempt is lost goes home", async (to) => {
    const state = `${"a".repeat(31)}0`;
    const callback = `${BASE}/_wx/callback?code=x&state=${state}&r=${toBase64Url(utf8Bytes(to))}`;
    const response = await world.send(rawRequest(callback, { headers: { ...navigation, cookie } }));
    expect(response.status).toBe(302);
    expectHome(locationOf(response));
    expect(world.wechatCalls.filter((path) => path.includes("oauth2"))).toHaveLength(1);
  });

  it.each(HOSTILE)("%j: a whole login ends at home", async (to) => {
    const browser = new Browser(world, "test-hostile-return");
    const started = await world.send(
      rawRequest(`${BASE}/_wx/login?to=${encodeURIComponent(to)}`, { headers: navigation }),
    );
    browser.keep(HOST, started);
    const hops = await browser.follow(started, `${BASE}/_wx/login`);
    expect(hops.at(-1)?.url).toBe(`${BASE}/#`);
  });

  it("in the Referer gives login_url nothing but a path of this host", async () => {
    const urlFor = async (referer: string) => {
      const response = await world.send(rawRequest(`${BASE}/login/x`, { headers: { referer } }));
      return (await response.json<{ login_url: string }>()).login_url;
    };
    for (const referer of [
      "https://evil.example/x",
      `${BASE}.evil.example/x`,
      `https://evil.example@${HOST}/x`,
      `http://${HOST}/x`,
      `${BASE}:8443/x`,
      `${BASE}//evil.example/x`,
      `${BASE}/_wx/logout`,
      `${BASE}/\\evil.example`,
      "x",
      "",
    ]) {
      expect(await urlFor(referer)).toBe("/_wx/login?to=%2F");
    }
    expect(await urlFor(`${BASE}/cart?x=1&y=/`)).toBe("/_wx/login?to=%2Fcart%3Fx%3D1%26y%3D%2F");
    expect(await urlFor("https://SHOP.example.com.:443/cart")).toBe("/_wx/login?to=%2Fcart");
  });
});
