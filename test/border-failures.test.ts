import { describe, expect, it, vi } from "vitest";
import { log } from "../src/log.ts";
import { Browser, DESKTOP_USER_AGENT, WECHAT_USER_AGENT } from "./support/browser.ts";
import { rawMethod, rawRequest } from "./support/hostile.ts";
import {
  brokenDatabase,
  brokenNamespace,
  cleanUp,
  hangingDatabase,
  lastOriginRequest,
  passSeconds,
  setUp,
  shortenWaits,
  startCounting,
  stopClock,
} from "./support/setting.ts";
import { createWorld, HOST, type SiteInput, site, type World } from "./support/world.ts";

/** Fail closed (issue 3.8), floods (3.7), and what refused input may say. */

cleanUp();

const BASE = `https://${HOST}`;
const SITE: SiteInput = {
  rules: [
    { path: "/open/*", access: "open" },
    { path: "/optional/*", access: "optional" },
    { path: "/auto/*", access: "auto" },
    { path: "/login/*", access: "login" },
    { path: "/profile/*", access: "profile" },
    { path: "/deny/*", access: "deny" },
  ],
};
const LEVELS = ["open", "optional", "auto", "login", "profile", "deny"] as const;
type Level = (typeof LEVELS)[number];

const NAVIGATION = {
  accept: "text/html",
  "sec-fetch-mode": "navigate",
  "sec-fetch-dest": "document",
  "user-agent": WECHAT_USER_AGENT,
};
const PROGRAM = { accept: "application/json", "sec-fetch-mode": "cors", "user-agent": WECHAT_USER_AGENT };

/** Seconds since the session was checked: within `recheck`, within one further one, and later. */
const VISITORS = { anonymous: null, fresh: 10, due: 400, overdue: 700 } as const;
type Visitor = keyof typeof VISITORS;

type Failure = { more: () => Record<string, unknown>; sites?: SiteInput[]; d1Fails?: true; configFails?: true };
const FAILURES: Record<string, Failure> = {
  nothing: { more: () => ({}) },
  "D1 down": { more: () => ({ DB: brokenDatabase() }), d1Fails: true },
  "D1 slow": {
    more: () => {
      if (!vi.isMockFunction(globalThis.setTimeout)) shortenWaits();
      return { DB: hangingDatabase() };
    },
    d1Fails: true,
  },
  "D1 without its tables": {
    more: () => ({ DB: brokenDatabase("D1_ERROR: no such table: sessions: SQLITE_ERROR") }),
    d1Fails: true,
  },
  "KV down": { more: () => ({ TOKENS: brokenNamespace() }) },
  "no GATEWAY_SECRET": { more: () => ({ GATEWAY_SECRET: undefined }), configFails: true },
  "a short GATEWAY_SECRET": { more: () => ({ GATEWAY_SECRET: "AAAA" }), configFails: true },
  "no ASSERTION_KEYS": { more: () => ({ ASSERTION_KEYS: undefined }), configFails: true },
  "ASSERTION_KEYS of rubbish": { more: () => ({ ASSERTION_KEYS: '{"keys":[{"kty":"EC"}]}' }), configFails: true },
  "no AppSecret": { more: () => ({ WECHAT_APP_SECRET: undefined }), configFails: true },
  "a rule with a typo": {
    more: () => ({}),
    sites: [site({ ...SITE, rules: [{ path: "/admin", acess: "deny" }] })],
    configFails: true,
  },
  "an unknown level": { more: () => ({}), sites: [site({ ...SITE, access: "opne" })], configFails: true },
  "no sites": { more: () => ({ SITES: undefined }), configFails: true },
  "sites of rubbish": { more: () => ({ SITES: "host = " }), configFails: true },
};

/** Signs in with a profile, so that every level but deny would pass; the cookie is all that the others share. */
async function profileCookie(): Promise<string> {
  const world = setUp([site(SITE)]);
  const browser = new Browser(world, "ming");
  await browser.follow(await browser.submit("/_wx/login", { to: "/profile/x" }), "/_wx/login");
  expect(lastOriginRequest(world).headers.get("x-wx-level")).toBe("profile");
  return browser.cookieHeader();
}

type Expected = { status: number; identity: boolean };

/** The contract in one place: what may pass, and as whom. */
function expected(failure: Failure, level: Level, visitor: Visitor, isNavigation: boolean): Expected {
  const refused = (status: number): Expected => ({ status, identity: false });
  if (failure.configFails) return refused(503);
  if (level === "deny") return refused(403);
  if (level === "open") return { status: 200, identity: false };
  const isUnsure = visitor === "overdue" && failure.d1Fails === true;
  if (visitor !== "anonymous" && !isUnsure) return { status: 200, identity: true };
  // "One further recheck, then 503": on every level that knows the session.
  if (isUnsure) return refused(503);
  if (level === "optional") return { status: 200, identity: false };
  if (level === "auto") return isNavigation ? refused(302) : { status: 200, identity: false };
  return refused(isNavigation ? 302 : 401);
}

describe("whatever fails, nothing passes that should not", () => {
  it.each(Object.keys(FAILURES))("with %s", async (name) => {
    stopClock();
    const cookie = await profileCookie();
    const failure = FAILURES[name];
    if (failure === undefined) throw new Error("every name has its failure");
    for (const [visitor, age] of Object.entries(VISITORS) as Array<[Visitor, number | null]>) {
      if (age !== null) passSeconds(age);
      for (const level of LEVELS) {
        for (const [kind, headers] of [
          ["navigation", NAVIGATION],
          ["program", PROGRAM],
        ] as const) {
          // An isolate of its own: no memo of the session.
          const make = failure.configFails ? createWorld : setUp;
          const world = make(failure.sites ?? [site(SITE)], failure.more());
          const response = await world.send(
            rawRequest(`${BASE}/${level}/x`, { headers: { ...headers, ...(age === null ? {} : { cookie }) } }),
          );
          const what = `${name}, ${level}, ${visitor}, ${kind}`;
          const { status, identity } = expected(failure, level, visitor, kind === "navigation");
          expect([what, response.status]).toEqual([what, status]);
          expect([what, world.originRequests.length]).toEqual([what, status === 200 ? 1 : 0]);
          if (status === 200) {
            const seen = lastOriginRequest(world).headers;
            expect([what, seen.has("x-wx-openid"), seen.has("x-wx-assertion")]).toEqual([what, identity, identity]);
          }
          if (status === 503) {
            expect(response.headers.get("cache-control")).toBe("no-store");
            const body = await response.text();
            expect(body).not.toMatch(/D1_ERROR|SQLITE|Error|sessions|GATEWAY|ASSERTION|undefined|acess|opne/);
            expect(body).toContain(response.headers.get("x-request-id"));
            expect(world.logLines.some(({ level }) => level === "error")).toBe(true);
          }
          expect(world.logLines.filter(({ event }) => event === "bug")).toEqual([]);
        }
      }
      if (age !== null) passSeconds(-age);
    }
  });

  it("with a bad configuration our own endpoints and verification files answer 503 too, and the log has the reason", async () => {
    const world = setUp([site({ verify: ["AbCdEf0123456789"], rules: [{ path: "/a", access: "lgoin" }] })]);
    for (const path of [
      "/_wx/login",
      "/_wx/callback",
      "/_wx/me",
      "/_wx/check",
      "/_wx/jwks.json",
      "/_wx/health",
      "/_wx/logout",
      "/MP_verify_AbCdEf0123456789.txt",
      "/a/../b",
      "//x",
    ]) {
      for (const method of ["GET", "POST", "OPTIONS", "TRACE"]) {
        expect((await world.send(rawMethod(method, BASE + path))).status).toBe(503);
      }
    }
    expect((await world.send(rawRequest("https://unknown.example.net/"))).status).toBe(503);
    expect(world.originRequests).toEqual([]);
    const lines = world.logLines.filter(({ event }) => event === "config_error");
    expect(lines).toHaveLength(1);
    expect(String(lines[0]?.detail)).toContain("lgoin");
  });

  it("with D1 down no login ends in a session, and no sign-out claims to have happened", async () => {
    for (const DB of [brokenDatabase(), undefined]) {
      const world = setUp([site(SITE)], { DB });
      const browser = new Browser(world, "test-no-d1");
      const hops = await browser.follow(await browser.navigate("/login/x"), "/login/x");
      expect(hops.at(-1)?.response.status).toBe(503);
      expect(browser.cookies().has("__Host-wx")).toBe(false);
      expect(world.originRequests).toEqual([]);
      expect(world.wechatCalls.length).toBeLessThanOrEqual(1);
    }
    const cookie = await profileCookie();
    const world = setUp([site(SITE)], { DB: brokenDatabase() });
    const signOut = rawRequest(`${BASE}/_wx/logout`, {
      method: "POST",
      headers: { cookie, "sec-fetch-site": "same-origin" },
    });
    const response = await world.send(signOut);
    expect([response.status, response.headers.getSetCookie()]).toEqual([503, []]);
    expect((await world.send(rawRequest(`${BASE}/_wx/health?deep=1`))).status).toBe(503);
  });

  it("with a signing key that fails nobody is forwarded, not even as anonymous", async () => {
    const cookie = await profileCookie();
    const world = setUp([site(SITE)]);
    vi.spyOn(crypto.subtle, "sign").mockRejectedValue(new Error("key material 12345 is broken"));
    for (const level of ["optional", "auto", "login", "profile"]) {
      const response = await world.send(rawRequest(`${BASE}/${level}/x`, { headers: { ...NAVIGATION, cookie } }));
      expect(response.status).toBe(503);
      expect(await response.text()).not.toContain("12345");
    }
    expect(world.originRequests).toEqual([]);
  });

  const WECHAT_FAULTS: Array<[string, Record<string, unknown>]> = [
    ["an error page", { status: 502, html: true }],
    ["HTML with status 200", { html: true }],
    ["cut JSON", { body: '{"openid":"oABC","access_tok' }],
    ["nothing", { body: "" }],
    ["an array", { body: '[{"openid":"oABC","access_token":"x"}]' }],
    ["no openid", { omit: ["openid"] }],
    ["an openid that splits headers", { set: { openid: "oABC\r\nX-WX-OPENID: forged" } }],
    ["an openid of 10 KB", { set: { openid: "o".repeat(10_000) } }],
    ["an openid that is a list", { set: { openid: ["oABC"] } }],
    ["an empty token", { set: { access_token: "" } }],
    ["a redirect", { status: 302, headers: { location: "https://evil.example/" } }],
    ["a refused secret", { errcode: 40125 }],
    ["a number nobody knows", { errcode: 71234 }],
    ["an errcode of text", { body: '{"errcode":"broken","openid":"oABC","access_token":"x"}' }],
    ["100 KB", { body: JSON.stringify({ openid: "oABC", access_token: "x", pad: "a".repeat(100_000) }) }],
  ];

  it.each(WECHAT_FAULTS)(
    "with WeChat answering %s, login ends on a page and auto goes on anonymously",
    async (_, fault) => {
      for (const [path, status] of [
        ["/login/x", 503],
        ["/auto/x", 200],
      ] as const) {
        const world = setUp([site(SITE)]);
        await world.control("/control", { next: [{ endpoint: "access_token", times: 9, ...fault }] });
        const browser = new Browser(world, "test-wechat-down");
        const hops = await browser.follow(await browser.navigate(path), path);
        const last = hops.at(-1);
        expect(last?.response.status).toBe(status);
        expect(browser.cookies().has("__Host-wx")).toBe(false);
        expect(world.originRequests).toHaveLength(status === 200 ? 1 : 0);
        if (status === 200) expect(lastOriginRequest(world).headers.has("x-wx-openid")).toBe(false);
        else expect(await last?.response.text()).not.toMatch(/evil\.example|Error|oABC/);
        expect(world.logLines.filter(({ event }) => event === "bug")).toEqual([]);
      }
    },
  );
});

describe("floods of callbacks", () => {
  /** The platform's limiter, for one minute. */
  const limiter = (limit: number) => {
    const seen = new Map<string, number>();
    return {
      seen,
      limit: async ({ key }: { key: string }) => {
        const count = (seen.get(key) ?? 0) + 1;
        seen.set(key, count);
        return { success: count <= limit };
      },
    };
  };

  it("are held back at the sixth of one state, before WeChat is called", async () => {
    const CALLBACK_STATE_LIMIT = limiter(5);
    const CALLBACK_ADDRESS_LIMIT = limiter(600);
    const world = setUp([site(SITE)], { CALLBACK_STATE_LIMIT, CALLBACK_ADDRESS_LIMIT });
    const browser = new Browser(world, "test-flood");
    const callback = await browser.upToCallback("/login/x");
    const cookie = browser.cookieHeader();
    const statuses: number[] = [];
    for (let run = 0; run < 8; run++) {
      const forged = callback.replace(/code=[^&]*/, `code=${"a".repeat(31)}${run}`);
      const response = await world.send(
        rawRequest(forged, { headers: { ...NAVIGATION, cookie, "cf-connecting-ip": "192.0.2.1" } }),
      );
      statuses.push(response.status);
      if (response.status === 429) {
        expect(response.headers.get("retry-after")).toBe("60");
        expect(response.headers.get("cache-control")).toBe("no-store");
      }
    }
    // What the state's limit refuses does not use up the address, which a whole city may share.
    expect(CALLBACK_ADDRESS_LIMIT.seen.get("192.0.2.1")).toBe(5);
    expect(statuses).toEqual([302, 302, 302, 302, 302, 429, 429, 429]);
    expect(world.wechatCalls.filter((path) => path.includes("access_token"))).toHaveLength(5);
    const program = await world.send(rawRequest(callback, { headers: { cookie } }));
    expect(await program.json()).toMatchObject({ code: "too_many_callbacks" });
  });

  it("are counted by the platform's client address, an IPv6 one by its /64, never by a header of the client's", async () => {
    const CALLBACK_ADDRESS_LIMIT = limiter(600);
    const world = setUp([site(SITE)], { CALLBACK_ADDRESS_LIMIT });
    const call = async (headers: Record<string, string>) => {
      const browser = new Browser(world, "test-flood-address");
      const callback = await browser.upToCallback("/login/x");
      await browser.navigate(callback, headers);
    };
    await call({
      "cf-connecting-ip": "192.0.2.1",
      "x-forwarded-for": "10.0.0.1",
      "x-real-ip": "10.0.0.2",
      "true-client-ip": "10.0.0.3",
    });
    await call({ "cf-connecting-ip": "2001:db8:1:2:3:4:5:6" });
    await call({ "cf-connecting-ip": "2001:db8:1:2:ffff::1" });
    await call({ "x-forwarded-for": "10.0.0.1" });
    expect([...CALLBACK_ADDRESS_LIMIT.seen]).toEqual([
      ["192.0.2.1", 1],
      ["2001:db8:1:2", 2],
    ]);
  });

  it("cost login starts, replays and shared links nothing: only a callback that would call WeChat is counted", async () => {
    const CALLBACK_STATE_LIMIT = limiter(5);
    const world = setUp([site(SITE)], { CALLBACK_STATE_LIMIT });
    for (let run = 0; run < 20; run++)
      expect((await world.send(rawRequest(`${BASE}/login/x`, { headers: NAVIGATION }))).status).toBe(302);
    for (let run = 0; run < 20; run++)
      await world.send(rawRequest(`${BASE}/_wx/callback?code=x&state=${"a".repeat(31)}0`, { headers: NAVIGATION }));
    for (const rest of ["", "?state=x", `?state=${"a".repeat(31)}0`, "?code=x"])
      await world.send(rawRequest(`${BASE}/_wx/callback${rest}`, { headers: NAVIGATION }));
    expect(CALLBACK_STATE_LIMIT.seen.size).toBe(0);
    expect(world.wechatCalls).toEqual([]);
  });

  it("with a limiter that fails do not stop the logins", async () => {
    const broken = { limit: () => Promise.reject(new Error("limiter down")) };
    const world = setUp([site(SITE)], { CALLBACK_STATE_LIMIT: broken, CALLBACK_ADDRESS_LIMIT: broken });
    const browser = new Browser(world, "test-limiter-down");
    expect((await browser.open("/login/x")).response.status).toBe(200);
  });

  it.each([45_009, 45_011])("WeChat's own limit %i opens the breaker for a bounded time", async (errcode) => {
    stopClock();
    const world = setUp([site(SITE)]);
    const signedIn = new Browser(world, "test-breaker-session");
    await signedIn.open("/login/x");
    await world.control("/control", { next: [{ endpoint: "access_token", times: 1, errcode }] });
    const browser = new Browser(world, "test-breaker");
    const hops = await browser.follow(await browser.navigate("/login/x"), "/login/x");
    const limited = hops.at(-1)?.response;
    expect(limited?.status).toBe(503);
    expect(Number(limited?.headers.get("retry-after"))).toBeGreaterThan(0);

    startCounting(world);
    world.originRequests.length = 0;
    for (const path of ["/login/y", "/profile/y", "/_wx/login?to=/y"]) {
      const response = await new Browser(world, "test-breaker-2").navigate(path);
      expect([path, response.status]).toEqual([path, 503]);
      expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(Number(response.headers.get("retry-after"))).toBeLessThanOrEqual(600);
    }
    expect(world.originRequests).toEqual([]);
    expect((await new Browser(world, "test-breaker-3").navigate("/auto/y")).status).toBe(200);
    expect(lastOriginRequest(world).headers.has("x-wx-openid")).toBe(false);
    // Who is signed in goes on, even with a sign-in old enough to be renewed.
    passSeconds(30);
    expect((await signedIn.navigate("/login/z")).status).toBe(200);
    expect(world.wechatCalls).toEqual([]);

    passSeconds(600);
    const later = new Browser(world, "test-breaker-4");
    expect((await later.open("/login/w")).response.status).toBe(200);
  });
});

describe("a refused input", () => {
  const STRANGE = [
    "\u001b[31mred",
    '"},{"event":"login","level":"error"',
    "a\u009b2J",
    "\u2028\u2029",
    "%0d%0a{}",
    "<script>alert(1)</script>",
    "\u007f\b",
    "$\u007bjndi:ldap://x}",
    "'; DROP TABLE users; --",
    "=cmd|' /C calc'!A0",
  ];

  it("is answered with 4xx, a code and a reference, never with 5xx or an exception's text", async () => {
    const world = setUp([site(SITE)]);
    const requests: Request[] = [
      ...STRANGE.flatMap((text) => [
        `/${text}`,
        `/login/${text}`,
        `/_wx/${text}`,
        `/_wx/callback?code=${text}&state=${text}`,
        `/_wx/me/../${text}`,
      ]).map((path) => rawRequest(BASE + path)),
      ...[
        "accept-language",
        "accept",
        "user-agent",
        "origin",
        "referer",
        "cookie",
        "sec-fetch-mode",
        "sec-fetch-site",
        "upgrade",
        "content-type",
        "content-length",
        "x-requested-with",
        "cf-connecting-ip",
        "range",
        "if-none-match",
        "access-control-request-method",
      ].flatMap((name) =>
        [
          "",
          ",",
          ";",
          "=".repeat(5_000),
          ";q=".repeat(2_000),
          "\u0001",
          '"',
          "*",
          "-1",
          "é中",
          "a,".repeat(3_000),
        ].flatMap((value) =>
          ["/login/x", "/_wx/login?to=/x", "/_wx/logout", "/_wx/check"].map((path) =>
            rawRequest(BASE + path, { headers: { [name]: value } }),
          ),
        ),
      ),
      rawRequest(`${BASE}/_wx/login`, {
        method: "POST",
        body: new Uint8Array([0xff, 0xfe]),
        headers: { "sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded" },
      }),
      rawRequest(`${BASE}/_wx/callback?${"x=1&".repeat(5_000)}`),
      rawRequest(`${BASE}/_wx/login?to=${"%2F".repeat(5_000)}`),
      rawRequest(`${BASE}/login/${"a/".repeat(8_000)}`),
    ];
    for (const request of requests) {
      const response = await world.send(request);
      expect(response.status, request.url.slice(0, 100)).toBeLessThan(500);
      const body = await response.text();
      expect(body).not.toMatch(/TypeError|RangeError|SyntaxError|\.ts:\d|at async/);
      if (response.headers.get("content-type")?.includes("json") && response.status >= 400) {
        expect(JSON.parse(body)).toMatchObject({
          code: expect.stringMatching(/^[a-z_]+$/),
          request_id: response.headers.get("x-request-id"),
        });
      }
    }
    expect(world.logLines.filter(({ event }) => event === "bug")).toEqual([]);
    expect(world.originRequests).toEqual([]);
  });

  it("stands in no log line: path, query, User-Agent and cookies of a visitor are not logged at all", async () => {
    const world = setUp([site(SITE)], { DB: brokenDatabase() });
    const said: string[] = [];
    for (const level of ["log", "warn", "error"] as const) {
      vi.spyOn(console, level).mockImplementation((...parts: unknown[]) => void said.push(parts.map(String).join(" ")));
    }
    for (const [index, text] of STRANGE.entries()) {
      const marker = `marker${index}x`;
      const headers = {
        "user-agent": `MicroMessenger ${marker} ${text}`,
        cookie: `a=${marker}`,
        referer: `${BASE}/${marker}`,
        accept: "text/html",
        "accept-language": marker,
      };
      for (const path of [
        `/login/${marker}?q=${marker}`,
        `/_wx/callback?code=${marker}&state=${marker}`,
        `/_wx/logout/${marker}`,
        `/deny/${marker}`,
        `//${marker}`,
      ]) {
        await world.send(rawRequest(`${BASE}${path}`, { headers }));
        await world.send(rawRequest(`${BASE}${path}`, { method: "POST", body: marker, headers }));
      }
      const browser = new Browser(world, "test-log", `MicroMessenger ${marker}`);
      await browser.follow(await browser.navigate(`/login/${marker}`), "/login/x");
    }
    expect(said.length).toBeGreaterThan(10);
    for (const line of said) {
      expect(line).not.toMatch(/marker\d/);
      expect(line).toMatch(/^\{[\x20-\x7e]*\}$/);
    }
  });

  it("is inert even where a text from outside gets into a line", () => {
    const lines: string[] = [];
    vi.spyOn(console, "error").mockImplementation((line: unknown) => void lines.push(String(line)));
    const detail = 'a\r\n{"level":"error"}\u001b[2J\u009b31m\u0085\u2028\u2029\u007f\u0000\ud800"\\';
    log("v", { event: "bug", level: "error", detail });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^\{[\x20-\x7e]*\}$/);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ event: "bug", detail });
  });

  it("is escaped wherever a page shows it", async () => {
    const world = setUp([site(SITE)]);
    const headers = { accept: "text/html", "user-agent": DESKTOP_USER_AGENT };
    for (const text of ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "'\"&amp;<"]) {
      for (const path of [
        `/login/x?q=${text}`,
        `/login/${encodeURIComponent(text)}`,
        `/_wx/logout?to=/x?${encodeURIComponent(text)}`,
        `/_wx/login?to=/x?${encodeURIComponent(text)}`,
      ]) {
        const response = await world.send(rawRequest(BASE + path, { headers }));
        const body = await response.text();
        expect(response.headers.get("content-type")).toContain("text/html");
        expect(body).not.toContain(text);
        expect(body).not.toMatch(/<script(?![^>]* src)|<img[^>]*onerror/i);
      }
    }
  });
});

describe("observe mode", () => {
  const observed = (): World => setUp([site({ ...SITE, mode: "observe" })]);

  it("forwards what would be refused, but never a denied path in any spelling, a forged header or a foreign socket's identity", async () => {
    const cookie = await profileCookie();
    const world = observed();
    expect((await world.send(rawRequest(`${BASE}/deny/x`))).status).toBe(403);
    expect((await world.send(rawRequest(`${BASE}/a/../b`))).status).toBe(400);
    // The origin may read a denied path in an odd one: where anything is denied, odd paths are.
    for (const path of ["//deny/x", "/deny;/x", "/deny%2Fx", "/%2564eny/x", "//b"]) {
      expect((await world.send(rawRequest(BASE + path))).status).toBe(403);
    }
    expect((await world.send(rawRequest(`${BASE}/_wx/nothing`))).status).toBe(404);
    expect(world.originRequests).toEqual([]);
    const forged = { "x-wx-openid": "forged", x_wx_user: "forged" };
    expect((await world.send(rawRequest(`${BASE}/login/x`, { headers: forged }))).status).toBe(200);
    expect([...lastOriginRequest(world).headers.keys()].filter((name) => /^x.wx/.test(name))).toEqual([]);
    const socket = { upgrade: "websocket", origin: "https://evil.example", cookie, ...forged };
    expect((await world.send(rawRequest(`${BASE}/login/x`, { headers: socket }))).status).toBe(200);
    expect([...lastOriginRequest(world).headers.keys()].filter((name) => /^x.wx/.test(name))).toEqual([]);
    const own = await world.send(rawRequest(`${BASE}/login/x`, { headers: { cookie, ...forged } }));
    expect(own.headers.get("cache-control")).toBe("private, no-cache");
    expect(lastOriginRequest(world).headers.get("x-wx-openid")).toMatch(/^o/);
  });

  it("forwards an odd path where nothing is denied, with nobody's identity for a foreign socket or a preflight", async () => {
    const cookie = await profileCookie();
    const world = setUp([site({ mode: "observe" })]);
    expect((await world.send(rawRequest(`${BASE}//b;c`, { headers: { cookie } }))).status).toBe(200);
    expect(lastOriginRequest(world).headers.get("x-wx-openid")).toMatch(/^o/);
    expect(world.logLines.filter(({ would }) => would === "path_odd")).toHaveLength(1);
    const foreign = { origin: "https://evil.example", cookie };
    await world.send(rawRequest(`${BASE}//b`, { headers: { ...foreign, upgrade: "websocket" } }));
    await world.send(
      rawMethod("OPTIONS", `${BASE}//b`, { headers: { ...foreign, "access-control-request-method": "PUT" } }),
    );
    expect(world.originRequests).toHaveLength(3);
    for (const { headers } of world.originRequests.slice(1)) expect(headers.has("x-wx-openid")).toBe(false);
  });

  it("with D1 down forwards an overdue session as nobody", async () => {
    stopClock();
    const cookie = await profileCookie();
    passSeconds(700);
    const world = setUp([site({ ...SITE, mode: "observe" })], { DB: brokenDatabase() });
    expect((await world.send(rawRequest(`${BASE}/login/x`, { headers: { cookie } }))).status).toBe(200);
    expect(lastOriginRequest(world).headers.has("x-wx-openid")).toBe(false);
  });
});
