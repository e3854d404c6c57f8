import { beforeEach, describe, expect, it } from "vitest";
import { Browser, WECHAT_USER_AGENT } from "./support/browser.ts";
import { rawRequest } from "./support/hostile.ts";
import { cleanUp, lastOriginRequest, setUp } from "./support/setting.ts";
import { HOST, type SiteInput, site, type World } from "./support/world.ts";

/** Headers in and out (design 5): nothing forged gets in, on no path, level or method. */

cleanUp();

const BASE = `https://${HOST}`;
const SITE: SiteInput = {
  headers: {
    "Remote-User": "{site_user|user}",
    "X-WEBAUTH-EMAIL": "{openid}@wechat.invalid",
    "X-Nickname": "{nickname}",
    "X-Origin-Key": "{secret:ORIGIN_KEY}",
  },
  rules: [
    { path: "/open/*", access: "open" },
    { path: "/optional/*", access: "optional" },
    { path: "/auto/*", access: "auto" },
    { path: "/login/*", access: "login" },
    { path: "/profile/*", access: "profile" },
    { path: "/deny/*", access: "deny" },
  ],
};

const OURS = [
  "X-WX-OPENID",
  "X-WX-APPID",
  "X-WX-SOURCE",
  "X-WX-UNIONID",
  "X-WX-USER",
  "X-WX-SITE-USER",
  "X-WX-NICKNAME",
  "X-WX-AVATAR",
  "X-WX-LEVEL",
  "X-WX-ASSERTION",
  "X-WX-LATER",
  "Remote-User",
  "X-WEBAUTH-EMAIL",
  "X-Nickname",
  "X-Origin-Key",
  "X-Forwarded-For",
  "X-Forwarded-Proto",
  "X-Forwarded-Host",
  "X-Request-Id",
];
const DECIDING = [
  "Forwarded",
  "Forwarded-For",
  "Forwarded-Host",
  "Forwarded-Proto",
  "X-Forwarded",
  "X-Forwarded-Uri",
  "X-Forwarded-Path",
  "X-Forwarded-Prefix",
  "X-Forwarded-Port",
  "X-Forwarded-Server",
  "X-Forwarded-User",
  "X-Forwarded-Method",
  "X-Forwarded-Ssl",
  "X-Forward-For",
  "X-Forwarder-For",
  "X-ForwardedFor",
  "X-Real-IP",
  "X-Real-Host",
  "X-Real-Port",
  "X-Vercel-Forwarded-For",
  "X-Azure-ClientIP",
  "X-AppEngine-User-IP",
  "X-ARR-SSL",
  "X-Client-IP",
  // each CDN has one of its own
  "Fly-Client-IP",
  "EO-Client-IP",
  "EO-Connecting-IP",
  "Incap-Client-IP",
  "X-Sucuri-ClientIP",
  "X-NF-Client-Connection-IP",
  "DO-Connecting-IP",
  "CloudFront-Viewer-Address",
  "Cdn-Real-IP",
  "X-Cdn-Real-IP",
  "X-Ali-Real-IP",
  "X-Tencent-Client-IP",
  "Ali-Cdn-Real-IP",
  "Cdn-Src-IP",
  "Real-IP",
  "Remote-Addr",
  "Remote-IP",
  "X-Remote-Addr",
  "X-Source-IP",
  "X-User-IP",
  "X-ProxyUser-IP",
  "X-IP",
  "X-Visitor-IP",
  "X-Client-Address",
  "X-Client-IP-Address",
  "TrueClientIP",
  "CloudFront-Forwarded-Proto",
  "ClientIP",
  "X-ClientIP",
  "Z-Forwarded-For",
  "X-Cluster-Client-IP",
  "True-Client-IP",
  "Proxy-Client-IP",
  "WL-Proxy-Client-IP",
  "WL-Proxy-SSL",
  "HTTP-Client-IP",
  "HTTP-X-Forwarded-For",
  "X-Host",
  "X-Original-URL",
  "X-Original-URI",
  "X-Original-Host",
  "X-Original-Method",
  "X-Rewrite-URL",
  "X-Override-URL",
  "X-HTTP-Path-Override",
  "X-Script-Name",
  // gunicorn takes the path from these two as it stands, with its defaults, from a proxy on its own host
  "Script-Name",
  "Path-Info",
  "X-Path-Info",
  "X-Path-Override",
  "X-Replaced-Path",
  "X-Waws-Unencoded-Url",
  "X-Request-Path",
  "Request-URI",
  "X-Request-URI",
  "X-Matched-Path",
  "X-HTTP-Method",
  "X-HTTP-Method-Override",
  "X-Method-Override",
  "Method-Override",
  "HTTP-Method-Override",
  "X-Method",
  "X-REST-Method",
  "X-HTTP-Verb",
  "X-Tunneled-Method",
  "X-Middleware-Subrequest",
  "X-Middleware-Rewrite",
  "X-Invoke-Path",
  "X-Now-Route-Matches",
  "X-Astro-Path",
  "X-Envoy-Original-Path",
  "X-Accel-Redirect",
  "X-Sendfile",
  "X-Sendfile-Type",
  "X-Lighttpd-Send-File",
  "X-Prerender-Revalidate",
  "X-React-Router-SPA-Mode",
  "X-AppEngine-Cron",
  "Proxy",
  "Proxy-Authorization",
  "Proxy-SSL-Id",
  "X-Proxied-Https",
  "X-VHM-Root",
  "X-MS-Original-URL",
  "X-Frappe-Site-Name",
  "Spring.Cloud.Function.Definition",
  "$WSSN",
  "!~Passenger",
  "Destination",
];
const spellings = (name: string): string[] => [
  name,
  name.toLowerCase(),
  name.toUpperCase(),
  name.replaceAll("-", "_"),
  name.replaceAll("-", "."),
  name.replace("-", "_"),
  name.toLowerCase().replaceAll("-", "~"),
];

/** Every name in every spelling, twice, and listed in Connection too. */
function forged(): Headers {
  const headers = new Headers({ "user-agent": "curl", accept: "*/*", connection: `close, ${OURS.join(", ")}` });
  for (const name of [...OURS, ...DECIDING].flatMap(spellings)) {
    headers.append(name, "forged");
    headers.append(name, "/forged-again");
  }
  return headers;
}

function expectNothingForged(headers: Headers): void {
  for (const [name, value] of headers) expect(`${name}: ${value}`).not.toContain("forged");
  for (const name of headers.keys()) {
    if (/^x.wx.|^x.forwarded|^remote.user|^x.webauth|^x.nickname|^x.origin.key/.test(name)) {
      expect(name, "one spelling, our own").toMatch(/^[a-z-]+$/);
    }
  }
  expect(headers.has("connection")).toBe(false);
}

let world: World;
beforeEach(() => {
  world = setUp([site(SITE)], { ORIGIN_KEY: "the-lock" });
});

const send = (path: string, headers: HeadersInit, method = "GET") =>
  world.send(rawRequest(BASE + path, { method, headers }));

describe("the address of the page before", () => {
  it("reaches the origin, unless it is a callback with WeChat's code in it", async () => {
    await send("/open/x", { referer: `${BASE}/goods?id=7` });
    expect(lastOriginRequest(world).headers.get("referer")).toBe(`${BASE}/goods?id=7`);
    await send("/open/favicon.ico", { referer: `${BASE}/_wx/callback?code=${"c".repeat(32)}&state=x` });
    expect(lastOriginRequest(world).headers.has("referer")).toBe(false);
  });
});

describe("headers that a client forges", () => {
  it.each(["open", "optional", "auto"])("are gone on %s, for everybody and with every method", async (level) => {
    for (const method of ["GET", "HEAD", "POST", "OPTIONS", "PUT", "PROPFIND"]) {
      expect((await send(`/${level}/x`, forged(), method)).status).toBe(200);
      const { headers } = lastOriginRequest(world);
      expectNothingForged(headers);
      for (const name of headers.keys()) expect(name).not.toMatch(/^x-wx-|^remote-user|^x-webauth|^x-nickname/);
      expect(headers.get("x-origin-key")).toBe("the-lock");
    }
    expect(world.originRequests).toHaveLength(6);
  });

  it("are gone on a preflight of an open path", async () => {
    const headers = forged();
    headers.set("origin", "https://evil.example");
    headers.set("access-control-request-method", "GET");
    expect((await send("/open/x", headers, "OPTIONS")).status).toBe(200);
    expectNothingForged(lastOriginRequest(world).headers);
  });

  it.each(["login", "profile", "deny"])("open no %s path", async (level) => {
    for (const method of ["GET", "HEAD", "POST", "OPTIONS"]) {
      expect((await send(`/${level}/x`, forged(), method)).status).toBe(level === "deny" ? 403 : 401);
    }
    const preflight = forged();
    preflight.set("origin", "https://evil.example");
    preflight.set("access-control-request-method", "GET");
    expect((await send(`/${level}/x`, preflight, "OPTIONS")).status).toBe(403);
    expect(world.originRequests).toEqual([]);
  });

  it("are worth nothing at our own endpoints", async () => {
    expect(await (await send("/_wx/me", forged())).json()).toEqual({ signed_in: false });
    const check = await send("/_wx/check", forged());
    expect(check.status).toBe(401);
    expect([...check.headers].join()).not.toContain("forged");
    expect((await send("/_wx/me", forged(), "OPTIONS")).status).toBe(405);
    expect((await send("/_wx/logout", forged(), "POST")).status).toBe(403);
    expect(world.originRequests).toEqual([]);
  });

  it.each(["open", "optional", "auto", "login"])(
    "never join or replace those of a signed-in visitor on %s",
    async (level) => {
      const browser = new Browser(world, "nounion");
      await browser.open("/login/start");
      const own = lastOriginRequest(world).headers;
      const headers = forged();
      headers.set("cookie", browser.cookieHeader());
      expect((await send(`/${level}/x`, headers)).status).toBe(200);
      const seen = lastOriginRequest(world).headers;
      expectNothingForged(seen);
      for (const name of ["x-wx-openid", "x-wx-user", "remote-user", "x-webauth-email"]) {
        expect(seen.get(name)).toBe(level === "open" ? null : own.get(name));
      }
      // What this visitor lacks is absent.
      for (const name of ["x-wx-unionid", "x-wx-nickname", "x-wx-avatar", "x-wx-site-user", "x-nickname"]) {
        expect(seen.has(name)).toBe(false);
      }
    },
  );

  it("decide nothing: path, host and method are those of the request line", async () => {
    const deciding = {
      "x-original-url": "/open/x",
      "x-rewrite-url": "/open/x",
      "x-forwarded-uri": "/open/x",
      "x-forwarded-host": "other.example.com",
      "x-http-method-override": "GET",
      "x-middleware-subrequest": "middleware:middleware:middleware",
      host: "other.example.com",
    };
    expect((await send("/login/x", deciding)).status).toBe(401);
    expect((await send("/deny/x", deciding)).status).toBe(403);
    await send("/open/y", deciding);
    expect(world.originRequests.map(({ url }) => url)).toEqual([`${BASE}/open/y`]);
    expect(lastOriginRequest(world).headers.get("x-forwarded-host")).toBe(HOST);
  });

  it.each([
    "GoogleHC/1.0",
    "kube-probe/1.3",
    "ELB-HealthChecker/2.0",
    "Googlebot/2.1",
    WECHAT_USER_AGENT,
    "",
    "wxgate",
    "Mozilla MicroMessenger wxwork",
  ])("as User-Agent %j choose a flow and grant nothing", async (userAgent) => {
    for (const path of ["/login/x", "/profile/x", "/deny/x"]) {
      for (const accept of ["text/html", "*/*"]) {
        expect([302, 401, 403]).toContain((await send(path, { "user-agent": userAgent, accept })).status);
      }
    }
    expect(world.originRequests).toEqual([]);
  });
});

describe("what the origin is told of the request", () => {
  it("is the platform's client address, our scheme, host and request id", async () => {
    const response = await send("/open/x", {
      "cf-connecting-ip": "192.0.2.7",
      "x-forwarded-for": "127.0.0.1",
      cf_connecting_ip: "127.0.0.1",
      "x-real-ip": "127.0.0.1",
    });
    expect(response.status).toBe(200);
    const { headers } = lastOriginRequest(world);
    expect(headers.get("x-forwarded-for")).toBe("192.0.2.7");
    expect(headers.get("x-forwarded-proto")).toBe("https");
    expect(headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    expect([...headers].filter(([, value]) => value.includes("127.0.0.1"))).toEqual([]);
    await send("/open/x", { "x-forwarded-for": "127.0.0.1" });
    expect(lastOriginRequest(world).headers.has("x-forwarded-for")).toBe(false);
  });

  it("keeps what is the site's own: authorization, bodies, conditions, cookies", async () => {
    const headers = {
      authorization: "Bearer x",
      "content-type": "text/plain",
      "if-none-match": '"a"',
      range: "bytes=0-1",
      cookie: "PHPSESSID=1; theme=dark",
      referer: "https://a/",
      "x-csrf-token": "t",
    };
    await world.send(rawRequest(`${BASE}/open/x`, { method: "POST", headers, body: "hello" }));
    const seen = lastOriginRequest(world);
    expect(seen.body).toBe("hello");
    for (const [name, value] of Object.entries(headers)) expect(seen.headers.get(name)).toBe(value);
  });

  it("is no length where there is no body", async () => {
    for (const method of ["GET", "HEAD"]) {
      const headers = { "content-length": "5", "transfer-encoding": "chunked", accept: "a" };
      expect((await world.send(rawRequest(`${BASE}/open/x`, { method, headers }))).status).toBe(200);
      const seen = lastOriginRequest(world).headers;
      expect(["accept", "content-length", "transfer-encoding"].filter((name) => seen.has(name))).toEqual(["accept"]);
    }
  });

  it("never has a cookie of ours in it, on any level", async () => {
    const browser = new Browser(world);
    await browser.open("/login/start");
    await browser.navigate("/_wx/login?to=/x");
    const sealed = [...browser.cookies().values()].filter((value) => value.length > 20);
    expect(sealed.length).toBeGreaterThan(0);
    const ours = browser.cookieHeader();
    for (const level of ["open", "optional", "auto", "login"]) {
      for (const cookie of [
        `a=1; ${ours}; b=2`,
        `${ours};a=1;b=2`,
        `a=1; b=2; \t${ours}`,
        `a=1; b=2; ${ours.replaceAll("__Host-", "__HOST-")}`,
        `a=1; b=2; =${ours}`,
      ]) {
        await send(`/${level}/x`, { cookie: level === "login" ? `${cookie}; ${ours}` : cookie });
        const seen = lastOriginRequest(world).headers.get("cookie") ?? "";
        expect(seen.replaceAll(" ", "")).toBe("a=1;b=2");
      }
    }
  });
});

describe("a nickname", () => {
  it.each(["ming", "panda", "control", "surrogate", "badutf8", "private", "markup", "long", "blank"])(
    "of %s is one percent-encoded header or none, and the login does not fail over it",
    async (person) => {
      const browser = new Browser(world, person);
      await browser.navigate("/profile/x");
      const started = await browser.submit("/_wx/login", { to: "/profile/x" });
      const hops = await browser.follow(started, "/_wx/login");
      expect(hops.at(-1)?.response.status).toBe(200);
      const { headers } = lastOriginRequest(world);
      expect(headers.get("x-wx-level")).toBe("profile");
      const nickname = headers.get("x-wx-nickname");
      expect(headers.get("x-nickname")).toBe(nickname);
      if (person === "blank") expect(nickname).toBeNull();
      else {
        expect(nickname).toMatch(/^(?:[\w.~-]|%[0-9A-F]{2})+$/);
        const decoded = decodeURIComponent(nickname ?? "");
        expect(new TextEncoder().encode(decoded).length).toBeLessThanOrEqual(256);
        expect(decoded).not.toMatch(/\p{Cc}|\p{Cs}/u);
      }
    },
  );
});

describe("the origin's answer", () => {
  const LINES = [
    "__Host-wx=forged; Path=/; Secure",
    "__host-wx=forged",
    "__HOST-WX_OUT=forged; Max-Age=999",
    " __Host-wx=forged",
    "__Host-wx =forged",
    "__Host-wx_a_AbCd1234=forged",
    "=__Host-wx=forged",
    "__Host-wx",
    "__Host-wx=; Max-Age=0",
  ];

  it.each(["open", "optional", "auto", "login"])(
    "cannot set, replace or expire a cookie of ours on %s",
    async (level) => {
      const browser = new Browser(world);
      await browser.open("/login/start");
      world.setOrigin(() => {
        const headers = new Headers({ "set-cookie": "first=1; Path=/" });
        for (const line of LINES) headers.append("set-cookie", line);
        headers.append("set-cookie", "wx=the site's own");
        headers.append("set-cookie", "last=2; Expires=Thu, 01 Jan 2037 00:00:00 GMT");
        return new Response("x", { headers });
      });
      for (const cookie of [browser.cookieHeader(), level === "login" ? browser.cookieHeader() : ""]) {
        const response = await send(`/${level}/x`, { cookie });
        expect(response.headers.getSetCookie()).toEqual([
          "first=1; Path=/",
          "wx=the site's own",
          "last=2; Expires=Thu, 01 Jan 2037 00:00:00 GMT",
        ]);
        expect(await response.text()).toBe("x");
      }
    },
  );

  it("over plain http cannot set those without the prefix either", async () => {
    const local = setUp([site({ http: true, access: "open" })]);
    local.setOrigin(
      () =>
        new Response("x", {
          headers: [
            ["set-cookie", "wx=1"],
            ["set-cookie", "WX_OUT=1"],
            ["set-cookie", "=wx=1"],
            ["set-cookie", "a=1"],
          ],
        }),
    );
    const response = await local.send(rawRequest(`http://${HOST}/x`));
    expect(response.headers.getSetCookie()).toEqual(["a=1"]);
  });

  it("with a WebSocket cannot set them either, and keeps its socket", async () => {
    const pair = new WebSocketPair();
    world.setOrigin(
      () =>
        new Response(null, {
          status: 101,
          webSocket: pair[0],
          headers: [
            ["set-cookie", "__Host-wx=forged"],
            ["set-cookie", "a=1"],
          ],
        }),
    );
    const response = await send("/open/x", { upgrade: "websocket", origin: BASE });
    expect(response.status).toBe(101);
    expect(response.webSocket).not.toBeNull();
    expect(response.headers.getSetCookie()).toEqual(["a=1"]);
  });

  it("does not act on us by headers that speak to proxies", async () => {
    world.setOrigin(
      () =>
        new Response("body", {
          headers: {
            "x-accel-redirect": "/_wx/me",
            "x-sendfile": "/etc/passwd",
            "x-middleware-rewrite": "/deny/x",
            "x-wx-openid": "forged",
            refresh: "0; url=/x",
          },
        }),
    );
    const response = await send("/open/x", {});
    expect(await response.text()).toBe("body");
    expect(world.originRequests).toHaveLength(1);
  });

  async function seesMoved(origin: string, moved: ReadonlyArray<[string, string]>): Promise<void> {
    const elsewhere = setUp([site({ access: "open", origin })]);
    for (const [location, seen] of moved) {
      elsewhere.setOrigin(() => new Response(null, { status: 302, headers: { location } }));
      const response = await elsewhere.send(rawRequest(`${BASE}/x`));
      expect([location, response.status, response.headers.get("location")]).toEqual([location, 302, seen]);
    }
  }

  it("has its own host in Location put back to the public one, and no other", () =>
    seesMoved("https://origin.example.net", [
      ["https://origin.example.net/a?b", `${BASE}/a?b`],
      ["https://ORIGIN.example.net", BASE],
      ["https://origin.example.net.evil.example/a", "https://origin.example.net.evil.example/a"],
      ["https://origin.example.net@evil.example/a", "https://origin.example.net@evil.example/a"],
      ["https://origin.example.net:8443/a", "https://origin.example.net:8443/a"],
      ["https://origin.example.net:443/a", `${BASE}/a`],
      ["HTTPS://origin.example.net:443", BASE],
      ["https://origin.example.net:443@evil.example/a", "https://origin.example.net:443@evil.example/a"],
      ["https://origin.example.net:4430/a", "https://origin.example.net:4430/a"],
      ["https://origin.example.net:80/a", "https://origin.example.net:80/a"],
      ["https://origin.example.net\\@evil.example/a", "https://origin.example.net\\@evil.example/a"],
      ["//origin.example.net/a", `${BASE}/a`],
      ["//origin.example.net.evil.example/a", "//origin.example.net.evil.example/a"],
      ["/relative", "/relative"],
      ["//origin.example.net:443/a", `${BASE}/a`],
      ["https://pay.example.org/x", "https://pay.example.org/x"],
      ["http://pay.example.org/x", "http://pay.example.org/x"],
    ]));

  it("has it put back too where a server behind the origin's TLS takes itself for http", () =>
    seesMoved("https://origin.example.net", [
      ["http://origin.example.net/dir/?a//b#c", `${BASE}/dir/?a//b#c`],
      ["http://origin.example.net:80/dir/", `${BASE}/dir/`],
      ["http://Origin.example.net?q", `${BASE}?q`],
      ["http://origin.example.net/x", `${BASE}/x`], // the answer to a form's POST goes back to its page
      ["http://origin.example.net:8080/dir/", "http://origin.example.net:8080/dir/"],
      ["http://origin.example.net:443/dir/", "http://origin.example.net:443/dir/"],
      ["http://origin.example.net.evil.example/", "http://origin.example.net.evil.example/"],
      ["ftp://origin.example.net/", "ftp://origin.example.net/"],
    ]));

  it("has it put back with the port that the origin is named with", () =>
    seesMoved("https://origin.example.net:8443", [
      ["https://origin.example.net:8443/a", `${BASE}/a`],
      ["http://origin.example.net:8443/a", `${BASE}/a`],
      ["https://origin.example.net/a", "https://origin.example.net/a"],
      ["http://origin.example.net/a", "http://origin.example.net/a"],
    ]));

  it("of a plain http origin is left alone where it leads to https: put back, it would lead here again", () =>
    seesMoved("http://origin.example.net", [
      ["http://origin.example.net/a", `${BASE}/a`],
      ["http://origin.example.net:80/a", `${BASE}/a`],
      ["//origin.example.net/a", `${BASE}/a`],
      ["https://origin.example.net/x", "https://origin.example.net/x"],
      ["https://origin.example.net:443/x", "https://origin.example.net:443/x"],
    ]));
});
