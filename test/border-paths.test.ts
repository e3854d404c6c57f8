import { describe, expect, it } from "vitest";
import { judgePath } from "../src/gate/path.ts";
import { Browser, WECHAT_USER_AGENT } from "./support/browser.ts";
import {
  BACKSLASHES,
  BROKEN_BYTES,
  DISGUISED_OWN_PATHS,
  DOT_SEGMENTS,
  rawMethod,
  rawRequest,
  SLASHES,
} from "./support/hostile.ts";
import { cleanUp, setUp } from "./support/setting.ts";
import { APP_ID, createWorld, HOST, OTHER_APP_ID, type SiteInput, site, type World } from "./support/world.ts";

/** One path, judged and forwarded (design 6); hosts and methods: the same gate for all of them. */

cleanUp();

const BASE = `https://${HOST}`;
const OPEN_BUT_ADMIN: SiteInput = {
  access: "open",
  rules: [
    { path: "/admin/*", access: "deny" },
    { path: "/account/*", access: "login" },
    { path: "/@me/*", access: "login" },
  ],
};

const navigation = { accept: "text/html", "user-agent": WECHAT_USER_AGENT };
const send = (world: World, path: string, headers: Record<string, string> = navigation) =>
  world.send(rawRequest(`${BASE}${path}`, { headers }));

async function expectRefused(world: World, path: string, status = 400): Promise<void> {
  const page = await send(world, path);
  expect(page.status, path).toBe(status);
  expect(page.headers.get("content-type"), path).toContain("text/html");
  expect(await page.text()).not.toMatch(/TypeError|SyntaxError|at .*\.ts:|undefined/);
  const answer = await send(world, path, { accept: "application/json" });
  expect(answer.status, path).toBe(status);
  expect(await answer.json()).toEqual({ code: expect.any(String), request_id: answer.headers.get("x-request-id") });
  expect(answer.headers.get("cache-control")).toBe("no-store");
}

describe("a path that can be read in two ways", () => {
  const crooked = [
    ...DOT_SEGMENTS.flatMap((dots) => [`/public/${dots}/admin/x`, `/${dots}/admin/x`, `/public/${dots}`]),
    ...SLASHES.flatMap((slash) => [`/public${slash}..${slash}admin`, `/public/%2e%2e${slash}admin`]),
    ...BACKSLASHES.flatMap((backslash) => [`/public${backslash}x`, `/${backslash}admin`, `/a/..${backslash}admin`]),
    ...BROKEN_BYTES.flatMap((bytes) => [`/admin${bytes}`, `/${bytes}/admin`, `/public/${bytes}`]),
    ...DISGUISED_OWN_PATHS,
  ];

  it.each(["refuse", "strictest"])("is refused with odd_paths = %s, and the origin sees nothing", async (oddPaths) => {
    const world = setUp([site({ ...OPEN_BUT_ADMIN, odd_paths: oddPaths })]);
    for (const path of crooked) {
      const response = await send(world, path);
      expect([path, response.status]).toEqual([path, 400]);
    }
    expect(world.originRequests).toEqual([]);
    for (const path of ["/a/../b", "/a%00", "/%ff", "/_WX/me", "/a\\b"]) await expectRefused(world, path);
    expect(world.logLines.filter(({ event }) => event === "bug")).toEqual([]);
  });

  it("never reaches the origin by a query or fragment that hides it", async () => {
    const world = setUp([site(OPEN_BUT_ADMIN)]);
    for (const path of [
      "/public#/../admin",
      "/public#?x",
      "/public?x#y",
      "/public?a\r\nb",
      "/public?a\tb",
      "/#",
      "/?#",
      "/public?\u0000",
    ]) {
      await expectRefused(world, path);
    }
    expect(world.originRequests).toEqual([]);
  });
});

describe("an odd path", () => {
  const odd = [
    "//admin/x",
    "/public//x",
    "/public//",
    "/a%2fb",
    "/a%2Fb",
    "/a;b",
    "/a;v=1/c",
    "/a%3Bb",
    "/%2561dmin/x",
    "/a%252520b",
    "/a%252fb",
    "///x",
  ];

  it("is refused with its own code by default", async () => {
    const world = setUp([site({ access: "open" })]);
    for (const path of odd) await expectRefused(world, path);
    expect(await (await send(world, "//x", {})).json()).toMatchObject({ code: "path_odd" });
    expect(world.originRequests).toEqual([]);
  });

  it("is judged at the site's strictest level and forwarded as judged where the site wants so", async () => {
    const strict = setUp([site({ ...OPEN_BUT_ADMIN, odd_paths: "strictest" })]);
    for (const path of odd) await expectRefused(strict, path, 403);
    expect(strict.originRequests).toEqual([]);

    const open = setUp([site({ access: "open", odd_paths: "strictest" })]);
    for (const path of odd) expect((await send(open, path)).status, path).toBe(200);
    expect(open.originRequests.map(({ url }) => url)).toEqual(
      odd.map((path) => {
        const judged = judgePath(path);
        return judged.kind === "odd" ? `${BASE}${judged.path}` : "not odd";
      }),
    );
  });

  it("needs a session where any rule of the site does, whichever rule its spelling matches", async () => {
    const rules = [
      { path: "/assets/*", access: "open" },
      { path: "/x", methods: ["DELETE"], access: "login" },
    ];
    const world = setUp([site({ access: "open", rules, odd_paths: "strictest" })]);
    for (const path of ["/assets//x", "/assets/a;b", "//assets/x", "/assets%2fx"]) {
      expect((await send(world, path, {})).status).toBe(401);
    }
    expect(world.originRequests).toEqual([]);
    const browser = new Browser(world);
    await browser.open("/_wx/login?to=/");
    const signedIn = rawRequest(`${BASE}/assets//x;y`, { headers: { cookie: browser.cookieHeader() } });
    expect((await world.send(signedIn)).status).toBe(200);
    expect(world.originRequests.at(-1)?.url).toBe(`${BASE}/assets//x;y`);
    expect(world.originRequests.at(-1)?.headers.get("x-wx-openid")).not.toBeNull();
  });
});

describe("a plain path", () => {
  it.each([
    ["/%61bout", "/about"],
    ["/a%2db", "/a-b"],
    ["/%7Euser/x", "/~user/x"],
    ["/caf%c3%a9", "/caf%C3%A9"],
    ["/中", "/%E4%B8%AD"],
    ["/a|b[c]", "/a|b[c]"],
    ["/100%25", "/100%25"],
    ["/.well-known/security.txt", "/.well-known/security.txt"],
    ["/a?x=/../_wx/me&y=//;\\%00%zz", "/a?x=/../_wx/me&y=//;\\%00%zz"],
    ["/a?", "/a?"],
    ["/a?code=1&state=2", "/a?code=1&state=2"],
  ])("%s is seen by the origin as %s", async (sent, seen) => {
    for (const origin of ["zone", "https://origin.example.net"]) {
      const world = setUp([site({ access: "open", origin })]);
      expect((await send(world, sent)).status).toBe(200);
      const base = origin === "zone" ? BASE : origin;
      expect(world.originRequests.map(({ url }) => url)).toEqual([base + seen]);
    }
  });

  it.each([
    "/admin/x",
    "/ADMIN/x",
    "/Admin",
    "/%61dmin/x",
    "/%41dmin/x",
    "/adm%69n/",
    "/admin/x.css",
    "/admin/x.css?y=/public",
    "/admin/%2Fpublic",
    "/%EF%BD%81dmin/x",
  ])("%s is the denied one, and the origin sees nothing", async (path) => {
    const world = setUp([site({ ...OPEN_BUT_ADMIN, odd_paths: "strictest" })]);
    await expectRefused(world, path, 403);
    expect(world.originRequests).toEqual([]);
  });

  it.each([
    "/account/x.css",
    "/account/logo.png?v=1",
    "/account/index.js",
    "/ACCOUNT/x",
    "/@me/x",
    "/%40me/x",
    "/%40ME/x",
  ])("%s needs the session that its rule asks for, however it is spelled and whatever it ends in", async (path) => {
    const world = setUp([site(OPEN_BUT_ADMIN)]);
    const response = await send(world, path, {});
    expect(response.status).toBe(401);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect((await send(world, path)).headers.get("location")).toMatch(/^https:\/\/open\.weixin\.qq\.com\//);
    expect(world.originRequests).toEqual([]);
  });
});

describe("our own endpoints", () => {
  const PATHS = [
    "/_wx/login",
    "/_wx/callback",
    "/_wx/logout",
    "/_wx/me",
    "/_wx/check",
    "/_wx/jwks.json",
    "/_wx/health",
  ];

  it("are reached by their exact path only, and nothing under /_wx is ever forwarded", async () => {
    const world = setUp([site({ access: "open", odd_paths: "strictest" })]);
    const inexact = PATHS.flatMap((path) => [
      `${path}/`,
      `${path}x`,
      `${path}.json`,
      `${path}/..`,
      `${path.toUpperCase()}`,
      `${path}%20`,
      `${path}%3Fx`,
      `${path}/x`,
      path.replace("/_wx", "//_wx"),
    ]);
    for (const path of [
      ...inexact,
      "/_wx",
      "/_wx/",
      "/_wx/unknown",
      "/_wx/__proto__",
      "/_wx/constructor",
      "/_wx/a/b",
      "/_wx/*",
      "/_wx/:x",
      "/_wx/MP_verify_none.txt",
    ]) {
      for (const method of ["GET", "POST", "OPTIONS", "PROPFIND"]) {
        const response = await world.send(rawMethod(method, `${BASE}${path}`));
        expect([400, 404], `${method} ${path}: ${response.status}`).toContain(response.status);
      }
    }
    for (const path of PATHS) {
      for (const method of ["PUT", "DELETE", "OPTIONS", "PATCH", "PROPFIND", "get"]) {
        const response = await world.send(rawMethod(method, `${BASE}${path}`));
        expect([path, method, response.status]).toEqual([path, method, 405]);
        expect(response.headers.get("allow")).toMatch(/^GET/);
      }
    }
    expect(world.originRequests).toEqual([]);
    expect(world.wechatCalls).toEqual([]);
  });

  it("serve verification files by exact name, over every level and before every rule", async () => {
    const world = setUp([site({ access: "deny", verify: ["AbCdEf0123456789"] })]);
    for (const path of ["/MP_verify_AbCdEf0123456789.txt", "/_wx/MP_verify_AbCdEf0123456789.txt"]) {
      const response = await send(world, path);
      expect([response.status, await response.text()]).toEqual([200, "AbCdEf0123456789"]);
      expect((await world.send(rawMethod("POST", BASE + path))).status).not.toBe(200);
    }
    for (const path of [
      "/mp_verify_AbCdEf0123456789.txt",
      "/x/MP_verify_AbCdEf0123456789.txt",
      "/MP_verify_other00000000000.txt",
      "/_wx/_wx/MP_verify_AbCdEf0123456789.txt",
    ]) {
      expect((await send(world, path)).status, path).not.toBe(200);
    }
    expect(world.originRequests).toEqual([]);
  });
});

describe("the host", () => {
  it.each(["SHOP.example.com", "shop.example.com.", "Shop.Example.Com.:443", "shop.example.com:443"])(
    "%s is the one site, with one session",
    async (authority) => {
      const world = setUp();
      const browser = new Browser(world);
      await browser.open("/a");
      const before = world.originRequests.length;
      const response = await world.send(
        rawRequest(`https://${authority}/b`, { headers: { cookie: browser.cookieHeader() } }),
      );
      expect(response.status).toBe(200);
      const seen = world.originRequests[before];
      expect(seen?.url).toBe(`${BASE}/b`);
      expect(seen?.headers.get("x-forwarded-host")).toBe(HOST);
      expect(seen?.headers.get("x-wx-openid")).not.toBeNull();
    },
  );

  it("in punycode is the site that was configured in its own letters", async () => {
    const world = setUp([site({ host: "商店.example.com", access: "open" })]);
    const response = await world.send(rawRequest("https://XN--1IV59O.example.com./x"));
    const punycode = new URL("https://商店.example.com").host;
    expect((await world.send(rawRequest(`https://${punycode.toUpperCase()}/x`))).status).toBe(200);
    expect(response.status === 200 || response.status === 421).toBe(true);
  });

  it.each([
    "evil.example.net",
    "shop.example.com.evil.net",
    "example.com",
    "x.shop.example.com",
    "",
    ".",
    "shop.example.com..",
    "shop.example.com, evil.example.net",
    "shop.example.com evil.net",
    "evil@shop.example.com",
    "shop.example.com:x",
    "shop.example.com%2e",
    "shop。example.com",
    "shop.example.com\\@evil.net",
    "127.0.0.1",
    "[::1]",
  ])("%j is refused with 421, and nothing of ours answers for it", async (authority) => {
    const world = createWorld([site({ access: "open", verify: ["AbCdEf0123456789"] })]);
    for (const path of ["/", "/_wx/login", "/_wx/health", "/MP_verify_AbCdEf0123456789.txt"]) {
      const response = await world.send(
        rawRequest(`https://${authority}${path}`, { headers: { host: HOST, "x-forwarded-host": HOST } }),
      );
      // A backslash in the authority leaves a host that is ours and a path that is refused.
      expect(response.status).toBe(authority.includes("\\") ? 400 : 421);
      expect(response.headers.getSetCookie()).toEqual([]);
      expect(response.headers.get("location")).toBeNull();
    }
    expect(world.originRequests).toEqual([]);
  });

  it("keeps sites apart: a session of one is nobody on the other, on a sub-domain, and on another port", async () => {
    const world = setUp([
      site(),
      site({ host: "other.example.com", app_id: OTHER_APP_ID, app_secret: "OTHER_SECRET" }),
      site({ host: "*.multi.example.com", app_id: APP_ID, callback_host: HOST }),
    ]);
    const browser = new Browser(world);
    await browser.open("/a");
    const cookie = browser.cookieHeader();
    const before = world.originRequests.length;
    for (const host of ["other.example.com", "a.multi.example.com", `${HOST}:8443`]) {
      const response = await world.send(rawRequest(`https://${host}/x`, { headers: { cookie } }));
      expect([host, response.status]).toEqual([host, 401]);
    }
    expect((await world.send(rawRequest("https://multi.example.com/x", { headers: { cookie } }))).status).toBe(421);
    expect(world.originRequests).toHaveLength(before);
  });

  it("over plain http is sent to https without judging anything else of it", async () => {
    const world = setUp([site({ access: "open" })]);
    const get = await world.send(rawRequest(`http://${HOST}:8080/a%2db?x=1`));
    expect([get.status, get.headers.get("location")]).toEqual([308, `https://${HOST}/a-b?x=1`]);
    expect((await world.send(rawMethod("POST", `http://${HOST}/a`))).status).toBe(403);
    expect((await world.send(rawRequest(`http://${HOST}/_wx/me`))).status).toBe(308);
    expect((await world.send(rawRequest(`http://${HOST}//evil.example.net/%2e%2e`))).status).toBe(400);
    const slashes = await world.send(rawRequest(`http://${HOST}//evil.example.net/x`));
    expect(new URL(slashes.headers.get("location") ?? "").host).toBe(HOST);
    expect(world.originRequests).toEqual([]);
  });
});

describe("a method", () => {
  const METHODS = [
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "PROPFIND",
    "MKCOL",
    "QUERY",
    "PURGE",
    "get",
    "post",
    "Get",
  ];

  it.each(METHODS)("%s meets the same gate as GET", async (method) => {
    const world = setUp([
      site({
        rules: [
          { path: "/deny/*", access: "deny" },
          { path: "/profile/*", access: "profile" },
          { path: "/open/*", access: "open" },
        ],
      }),
    ]);
    expect((await world.send(rawMethod(method, `${BASE}/account`))).status).toBe(401);
    expect((await world.send(rawMethod(method, `${BASE}/profile/x`))).status).toBe(401);
    expect((await world.send(rawMethod(method, `${BASE}/deny/x`))).status).toBe(403);
    expect(world.originRequests).toEqual([]);
    expect((await world.send(rawMethod(method, `${BASE}/open/x`))).status).toBe(200);
    expect(world.originRequests).toHaveLength(1);
  });

  it("of a rule is compared without regard to case, and no header overrides it", async () => {
    const rules = [
      { path: "/x", methods: ["GET"], access: "open" },
      { path: "/x", methods: ["DELETE"], access: "deny" },
    ];
    const world = setUp([site({ rules })]);
    for (const method of ["DELETE", "delete", "Delete"]) {
      expect((await world.send(rawMethod(method, `${BASE}/x`))).status).toBe(403);
    }
    const override = {
      "x-http-method-override": "GET",
      "x-http-method": "GET",
      "x-method-override": "GET",
      x_http_method_override: "GET",
    };
    expect((await world.send(rawMethod("DELETE", `${BASE}/x`, { headers: override }))).status).toBe(403);
    expect(world.originRequests).toEqual([]);
    await world.send(rawMethod("GET", `${BASE}/x`, { headers: { "X-HTTP-Method-Override": "DELETE" } }));
    expect(world.originRequests.map(({ method }) => method)).toEqual(["GET"]);
    expect(world.originRequests[0]?.headers.has("x-http-method-override")).toBe(false);
  });

  it.each(["TRACE", "TRACK", "CONNECT", "trace", "Connect"])("%s is never served, on no path", async (method) => {
    const world = setUp([site({ access: "open" })]);
    for (const path of ["/", "/_wx/me", "/x"]) {
      const response = await world.send(rawMethod(method, BASE + path));
      expect(response.status).toBe(405);
      expect(response.headers.get("allow")).toContain("GET");
    }
    expect(world.originRequests).toEqual([]);
  });

  it("HEAD of our own endpoints has no body and spends no code", async () => {
    const world = setUp();
    const browser = new Browser(world);
    const callback = await browser.upToCallback("/a");
    const head = await browser.request(callback, { method: "HEAD" });
    expect(head.status).toBe(405);
    expect(world.wechatCalls).toEqual([]);
    expect((await browser.navigate(callback)).status).toBe(302);
    const me = await browser.request("/_wx/me", { method: "HEAD" });
    expect([me.status, me.body]).toEqual([200, null]);
  });
});
