import { beforeEach, describe, expect, it } from "vitest";
import { adaptAnswer } from "../src/origin/answer.ts";
import type { OriginRequest } from "../src/origin/forward.ts";
import { Browser, WECHAT_USER_AGENT } from "./support/browser.ts";
import { rawRequest } from "./support/hostile.ts";
import { cleanUp, lastOriginRequest, passSeconds, setUp, stopClock } from "./support/setting.ts";
import { HOST, site, type World } from "./support/world.ts";

/** Caching (issue 3.3): private for the signed-in whatever the origin says, open untouched, our own never stored. */

cleanUp();

const BASE = `https://${HOST}`;
let world: World;
let browser: Browser;

beforeEach(async () => {
  stopClock();
  world = setUp([
    site({
      rules: [
        { path: "/open/*", access: "open" },
        { path: "/optional/*", access: "optional" },
        { path: "/auto/*", access: "auto" },
        { path: "/deny/*", access: "deny" },
      ],
    }),
  ]);
  browser = new Browser(world);
  await browser.open("/account/start");
});

const send = (path: string, headers: Record<string, string> = {}) => world.send(rawRequest(BASE + path, { headers }));
const signedIn = (path: string, headers: Record<string, string> = {}) =>
  send(path, { cookie: browser.cookieHeader(), ...headers });
const answers = (init: Record<string, string>, status = 200) =>
  world.setOrigin(() => new Response(status === 304 ? null : "x", { status, headers: init }));

const PUBLIC: Array<Record<string, string>> = [
  {},
  { "cache-control": "public, max-age=31536000, immutable" },
  { "cache-control": "max-age=600" },
  { "cache-control": "s-maxage=600" },
  { "cache-control": "private, s-maxage=600" },
  { "cache-control": "public, no-store" },
  { "cache-control": "must-understand, no-store, max-age=600" },
  { "cache-control": 'x="a, private, b", max-age=10' },
  { "cache-control": "PUBLIC" },
  { "cache-control": 'private="set-cookie", max-age=60' },
  { "cache-control": "no-cache" },
  { "cache-control": "x-private" },
  { "cache-control": "max-age=600,\u00a0private" },
  { "cache-control": "private", "cdn-cache-control": "max-age=60" },
  { "cache-control": "no-store", "cloudflare-cdn-cache-control": "max-age=60" },
  { "cache-control": "private", "vercel-cdn-cache-control": "max-age=60" },
  { "cache-control": "private", "netlify-cdn-cache-control": "public" },
  { "cache-control": "private", "surrogate-control": "max-age=60" },
  { "cache-control": "private", "edge-control": "cache-maxage=1d" },
  { "cache-control": "private", "x-accel-expires": "600" },
  { expires: "Thu, 01 Jan 2037 00:00:00 GMT" },
  { "cache-control": "public", expires: "Thu, 01 Jan 2037 00:00:00 GMT", "cdn-cache-control": "max-age=1" },
];

describe("an answer for somebody signed in", () => {
  it.each(PUBLIC)("is private although the origin says %j", async (init) => {
    for (const path of ["/account/x", "/account/logo.css", "/optional/x.js", "/auto/x.png"]) {
      for (const status of [200, 304, 404]) {
        answers(init, status);
        const { headers } = await signedIn(path);
        expect(headers.get("cache-control")).toBe("private, no-cache");
        expect(
          [...headers.keys()].filter((name) => /-cache-control|surrogate|edge-control|accel|expires/.test(name)),
        ).toEqual([]);
      }
    }
  });

  it.each([
    "private",
    "no-store",
    "private, max-age=600",
    "no-store, no-cache, must-revalidate",
    "Private , Max-Age=0",
  ])("that the origin calls %j is passed on as it is", async (control) => {
    answers({ "cache-control": control, etag: '"x"', vary: "Accept" });
    const { headers } = await signedIn("/account/x");
    expect(headers.get("cache-control")).toBe(control);
    expect(headers.get("etag")).toBe('"x"');
  });

  it.each(["text/html", "text/html; charset=utf-8", "TEXT/HTML;charset=GBK", "application/xhtml+xml"])(
    "and a page (%s) is not kept by the browser: its back button would show it after the sign-out",
    async (type) => {
      answers({ "cache-control": "max-age=600", "content-type": type });
      expect((await signedIn("/account/x")).headers.get("cache-control")).toBe("private, no-store");
    },
  );

  it("and has no type that says otherwise is a page too: browsers look into it and find HTML", async () => {
    const page = new TextEncoder().encode("<!doctype html><p>secret");
    const control = async (status: number, type?: string, body: Uint8Array | null = page) => {
      world.setOrigin(
        () => new Response(body, { status, headers: type === undefined ? {} : { "content-type": type } }),
      );
      return (await signedIn("/account/x")).headers.get("cache-control");
    };
    for (const type of [
      undefined,
      "",
      "html",
      "*/*",
      "unknown/unknown",
      "application/unknown",
      "text/plain, text/html",
    ]) {
      expect(await control(200, type), type).toBe("private, no-store");
      expect(await control(404, type), type).toBe("private, no-store");
    }
    // The browser has the type from before, or has nothing to look into.
    for (const status of [204, 304]) expect(await control(status, undefined, null)).toBe("private, no-cache");
    expect(await control(206)).toBe("private, no-cache");
    expect(await control(200, "application/octet-stream")).toBe("private, no-cache");
    expect(await control(304, "text/html", null)).toBe("private, no-store");
  });

  it("is asked for past the zone's cache", async () => {
    for (const path of ["/account/x", "/optional/x", "/auto/x"]) {
      await signedIn(path);
      expect(lastOriginRequest(world).cache).toBe("no-store");
    }
  });

  it("is asked for with the visitor's own Cache-Control, or with one for which origins still answer 304", async () => {
    await signedIn("/account/x");
    expect(lastOriginRequest(world).headers.get("cache-control")).toBe("max-age=0");
    await signedIn("/account/x", { "cache-control": "no-cache" });
    expect(lastOriginRequest(world).headers.get("cache-control")).toBe("no-cache");
    await send("/open/x");
    expect(lastOriginRequest(world).headers.has("cache-control")).toBe(false);
  });

  it("is private where it carries a cookie of ours, to whomever", async () => {
    answers({ "cache-control": "public, max-age=600" });
    const cleared = await send("/optional/x", { cookie: "__Host-wx=rubbish" });
    expect(cleared.headers.getSetCookie()).toHaveLength(1);
    expect(cleared.headers.get("cache-control")).toBe("private, no-cache");
    passSeconds(301);
    const resealed = await signedIn("/account/x");
    expect(resealed.headers.getSetCookie()).toHaveLength(1);
    expect(resealed.headers.get("cache-control")).toBe("private, no-cache");
  });
});

describe("an answer for nobody", () => {
  it.each(["/optional/x", "/auto/x", "/auto/x.css"])("on %s may be stored, and varies by cookie", async (path) => {
    answers({ "cache-control": "public, max-age=600", vary: "Accept-Encoding" });
    const { headers } = await send(path);
    expect(headers.get("cache-control")).toBe("public, max-age=600");
    expect(
      headers
        .get("vary")
        ?.toLowerCase()
        .split(/\s*,\s*/),
    ).toEqual(["accept-encoding", "cookie"]);
    expect(lastOriginRequest(world).cache).toBeUndefined();
  });

  it.each(["Cookie", "accept, COOKIE", "*", "Accept,cookie,Origin"])(
    "that varies by %s already is not changed",
    async (vary) => {
      answers({ vary });
      expect((await send("/optional/x")).headers.get("vary")).toBe(vary);
    },
  );

  it.each(["no-store", "no-store, max-age=0"])("that the origin calls %j is passed on as it is", async (control) => {
    answers({ "cache-control": control });
    expect((await send("/optional/x")).headers.has("vary")).toBe(false);
  });

  it.each([
    { "cache-control": "must-understand, no-store, max-age=600" }, // RFC 9111 §5.2.2.3
    { "cache-control": "no-store", "cdn-cache-control": "max-age=600" },
  ])("varies by cookie where a cache may ignore the no-store: %j", async (init) => {
    answers(init);
    expect((await send("/optional/x")).headers.get("vary")).toBe("Cookie");
  });

  it.each(["X-Cookie", "cookie-x", "Accept"])("that varies by %s varies by cookie too", async (vary) => {
    answers({ vary });
    expect((await send("/optional/x")).headers.get("vary")).toMatch(/(?:^|, )Cookie$/);
  });
});

describe("an answer of an open path", () => {
  it.each(PUBLIC)("is as the origin made it: %j", async (init) => {
    for (const headers of [{}, { cookie: browser.cookieHeader() }, { cookie: "__Host-wx=rubbish" }]) {
      answers({ ...init, vary: "Accept", "set-cookie": "a=1" });
      const response = await send("/open/x.css", headers);
      expect(Object.fromEntries(response.headers)).toMatchObject({ ...init, vary: "Accept", "set-cookie": "a=1" });
      expect(lastOriginRequest(world).cache).toBeUndefined();
      expect(lastOriginRequest(world).headers.has("x-wx-openid")).toBe(false);
    }
  });

  it("is the very same Response where nothing must change, so that nothing is copied", () => {
    const call = { site: { origin: { kind: "zone" } }, scheme: "https", host: HOST } as unknown as OriginRequest;
    const page = new Response("x", { headers: { "cache-control": "public", "set-cookie": "a=1", location: "/x" } });
    expect(adaptAnswer(call, page, "everyone", [])).toBe(page);
    const closed = new Response("x", { headers: { "cache-control": "private" } });
    expect(adaptAnswer(call, closed, "signed_in", [])).toBe(closed);
    const varied = new Response("x", { headers: { vary: "Cookie" } });
    expect(adaptAnswer(call, varied, "anonymous", [])).toBe(varied);
    const socket = new Response(null, { status: 101, webSocket: new WebSocketPair()[0] });
    for (const audience of ["everyone", "anonymous", "signed_in"] as const) {
      expect(adaptAnswer(call, socket, audience, ["__Host-wx=x"])).toBe(socket);
    }
    expect(adaptAnswer(call, page, "everyone", ["__Host-wx=x"])).not.toBe(page);
  });
});

describe("an answer of ours", () => {
  it("is stored by nobody, framed by nobody, and tells no other site where the visitor was", async () => {
    const navigation = { accept: "text/html", "user-agent": WECHAT_USER_AGENT };
    const asked: Array<[string, Record<string, string>, number]> = [
      ["/account/x", {}, 401],
      ["/account/x.css", {}, 401],
      ["/account/x.css", navigation, 302],
      ["/account/x", { accept: "text/html" }, 403],
      ["/deny/x", {}, 403],
      ["/a/../b", {}, 400],
      ["/_wx/login?to=/x", navigation, 302],
      ["/_wx/login?to=/x&scope=profile", navigation, 401],
      ["/_wx/callback", navigation, 400],
      ["/_wx/logout", navigation, 200],
      ["/_wx/me", {}, 200],
      ["/_wx/me", { cookie: browser.cookieHeader() }, 200],
      ["/_wx/check", { cookie: browser.cookieHeader() }, 204],
      ["/_wx/check", {}, 401],
      ["/_wx/health", {}, 200],
      ["/_wx/nothing", {}, 404],
      ["/account/y", { upgrade: "websocket" }, 403],
    ];
    for (const [path, headers, status] of asked) {
      const response = await send(path, headers);
      expect([path, response.status]).toEqual([path, status]);
      expect(response.headers.get("cache-control"), path).toBe("no-store");
      expect(response.headers.get("content-security-policy"), path).toContain("frame-ancestors 'none'");
      expect(response.headers.get("referrer-policy")).toBe("same-origin");
      expect(response.headers.get("x-robots-tag")).toBe("noindex");
      expect(response.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
      expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    }
    expect((await send("/_wx/jwks.json")).headers.get("cache-control")).toBe("public, max-age=300");
    world.setOrigin(() => {
      throw new TypeError("Network connection lost: secret detail");
    });
    const unreachable = await send("/open/x");
    expect([unreachable.status, unreachable.headers.get("cache-control")]).toEqual([502, "no-store"]);
    expect(await unreachable.text()).not.toContain("secret detail");
    // workerd hands such an answer over, though no Response can be made of it.
    world.setOrigin(() => Object.defineProperty(new Response("x"), "status", { value: 999 }));
    expect((await send("/open/x")).status).toBe(502);
    expect((await signedIn("/account/x")).status).toBe(502);
    expect(world.logLines.at(-1)).toMatchObject({ code: "origin_unreachable", detail: "status 999" });
  });
});
