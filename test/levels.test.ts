import { describe, expect, it } from "vitest";
import { openidOf } from "../simulator/identity.ts";
import { LEVELS, type Level } from "../src/config/config.ts";
import { ACTION_STATUS, type Action, DECISIONS, decide, type SessionState, settledAction } from "../src/gate/decide.ts";
import type { Client, RequestKind } from "../src/gate/visitor.ts";
import { Browser, DESKTOP_USER_AGENT, WECHAT_USER_AGENT } from "./support/browser.ts";
import {
  authorizeRequest,
  cleanUp,
  lastOriginRequest,
  locationOf,
  passSeconds,
  SESSION_COOKIE,
  seenByOrigin,
  setUp,
  somebody,
  stopClock,
} from "./support/setting.ts";
import { APP_ID, HOST, site, type World } from "./support/world.ts";

/** The decision: level × client × kind of request × session. Each combination is decided, then lived through. */

cleanUp();

const CLIENTS: readonly Client[] = ["wechat", "outside"];
const KINDS: readonly RequestKind[] = ["navigation", "preflight", "websocket", "other"];
const SESSIONS: readonly SessionState[] = [
  "none",
  "signed_out",
  "paused",
  "login",
  "profile",
  "login_old",
  "profile_old",
];
type Combination = { level: Level; client: Client; kind: RequestKind; session: SessionState };
const ALL: readonly Combination[] = LEVELS.flatMap((level) =>
  CLIENTS.flatMap((client) => KINDS.flatMap((kind) => SESSIONS.map((session) => ({ level, client, kind, session })))),
);
const nameOf = ({ level, client, kind, session }: Combination) => `${level} · ${client} · ${kind} · ${session}`;

/** The contract in prose (design 2), written down once more and in another way than the table. */
function contract({ level, client, kind, session }: Combination): Action {
  const isAnonymous = session === "none" || session === "signed_out" || session === "paused";
  const isOld = session.endsWith("_old");
  const hasProfile = session.startsWith("profile");
  const canAskWechat = client === "wechat" && kind === "navigation";

  if (level === "deny") return "denied";
  if (level === "open") return "forward_anonymous";
  if (level === "optional") return isAnonymous ? "forward_anonymous" : "forward_signed_in";
  if (level === "auto") {
    if (isAnonymous) return canAskWechat && session === "none" ? "start_login" : "forward_anonymous";
    return isOld && canAskWechat ? "renew" : "forward_signed_in";
  }
  if (kind === "preflight") return "answer_preflight";
  if (isAnonymous) {
    if (kind !== "navigation") return "login_required";
    if (client === "outside") return "outside_page";
    return session === "signed_out" ? "signed_out_page" : "start_login";
  }
  if (isOld && canAskWechat) return "renew";
  if (level === "profile" && !hasProfile) {
    if (kind !== "navigation") return "login_required";
    return client === "wechat" ? "ask_profile" : "outside_page";
  }
  return "forward_signed_in";
}

describe("the decision", () => {
  it("is the contract's for every combination", () => {
    expect(ALL).toHaveLength(6 * 2 * 4 * 7);
    const wrong = ALL.filter((one) => decide(one.level, one.client, one.kind, one.session) !== contract(one));
    expect(wrong.map(nameOf)).toEqual([]);
  });

  it("falls through the table never: every combination has its row, and every row its combination", () => {
    const rowOf = ({ level, client, kind, session }: Combination) =>
      DECISIONS.findIndex(
        (row) =>
          row.level.includes(level) &&
          (row.client === undefined || row.client === client) &&
          (row.kind === undefined || row.kind.includes(kind)) &&
          (row.session === undefined || row.session.includes(session)),
      );
    const used = new Set(ALL.map(rowOf));
    expect(used.has(-1)).toBe(false);
    expect(used.size).toBe(DECISIONS.length);
  });

  it("is settled without client and navigation only where these make no difference", () => {
    const compared = ALL.filter(({ kind }) => kind === "navigation" || kind === "other");
    for (const { level, client, kind, session } of compared) {
      const settled = settledAction(level, session);
      if (settled !== null) expect(settled).toBe(decide(level, client, kind, session));
    }
    expect(settledAction("login", "login")).toBe("forward_signed_in");
    expect(settledAction("login", "login_old")).toBeNull();
    expect(settledAction("profile", "login")).toBeNull();
    for (const level of ["auto", "login", "profile"] as const) expect(settledAction(level, "none")).toBeNull();
  });

  const actions = (filter: (one: Combination) => boolean) =>
    new Set(ALL.filter(filter).map((one) => decide(one.level, one.client, one.kind, one.session)));

  it("never forwards on `deny`", () => {
    expect(actions(({ level }) => level === "deny")).toEqual(new Set(["denied"]));
  });

  it("never gives an identity on `open`", () => {
    expect(actions(({ level }) => level === "open")).toEqual(new Set(["forward_anonymous"]));
  });

  it("never asks on `optional`", () => {
    expect(actions(({ level }) => level === "optional")).toEqual(new Set(["forward_anonymous", "forward_signed_in"]));
  });

  it("never forwards an anonymous visitor on `login` or `profile`, nor a login without a profile on `profile`", () => {
    const anonymous = ["none", "signed_out", "paused"];
    for (const action of actions(({ level, session }) => level === "login" && anonymous.includes(session))) {
      expect(action).not.toMatch(/^forward/);
    }
    for (const action of actions(({ level, session }) => level === "profile" && !session.startsWith("profile"))) {
      expect(action).not.toMatch(/^forward/);
    }
    expect(actions(({ level }) => level === "login" || level === "profile")).not.toContain("forward_anonymous");
  });

  it("redirects nothing but navigations, and only inside WeChat", () => {
    for (const one of ALL) {
      const status = ACTION_STATUS[decide(one.level, one.client, one.kind, one.session)];
      if (status === 302) expect([one.client, one.kind]).toEqual(["wechat", "navigation"]);
    }
  });

  it("passes everybody on `auto`", () => {
    expect(actions(({ level, client }) => level === "auto" && client === "outside")).toEqual(
      new Set(["forward_anonymous", "forward_signed_in"]),
    );
    expect(actions(({ level, kind }) => level === "auto" && kind !== "navigation")).toEqual(
      new Set(["forward_anonymous", "forward_signed_in"]),
    );
  });

  it("starts no silent sign-in after a sign-out", () => {
    expect(actions(({ session }) => session === "signed_out")).not.toContain("start_login");
  });
});

describe("every combination, lived through the gateway", () => {
  const SITE = site({
    access: "deny",
    rules: [...LEVELS.map((level) => ({ path: `/${level}`, access: level })), { path: "/start", access: "auto" }],
  });
  const RENEW = 2 * 3_600;

  /** A browser in the given state, as visitors get into it. */
  async function browserIn(world: World, session: SessionState): Promise<Browser> {
    const browser = new Browser(world, somebody());
    if (session === "none") return browser;
    if (session === "signed_out") {
      await browser.submit("/_wx/logout");
      return browser;
    }
    if (session === "paused") {
      await world.control("/control", { next: [{ endpoint: "access_token", html: true }] });
      await browser.open("/start");
      return browser;
    }
    const answer = session.startsWith("profile")
      ? await browser.submit("/_wx/login", { to: "/start" })
      : await browser.navigate("/_wx/login?to=/start");
    await browser.follow(answer, "/");
    if (session.endsWith("_old")) passSeconds(RENEW);
    return browser;
  }

  function send(browser: Browser, level: Level, kind: RequestKind): Promise<Response> {
    const path = `/${level}`;
    switch (kind) {
      case "navigation":
        return browser.navigate(path);
      case "other":
        return browser.fetch(path);
      case "websocket":
        return browser.request(path, { headers: { upgrade: "websocket", origin: `https://${HOST}` } });
      case "preflight":
        return browser.request(path, {
          method: "OPTIONS",
          headers: { origin: `https://${HOST}`, "access-control-request-method": "POST" },
        });
    }
  }

  async function expectAction(action: Action, world: World, browser: Browser, answer: Response): Promise<void> {
    const openid = await openidOf(APP_ID, browser.person);
    expect(answer.status).toBe(ACTION_STATUS[action] ?? 200);
    const forwards = action === "forward_signed_in" || action === "forward_anonymous";
    expect(world.originRequests).toHaveLength(forwards ? 1 : 0);
    switch (action) {
      case "forward_signed_in":
        expect(seenByOrigin(world, "x-wx-openid")).toBe(openid);
        return;
      case "forward_anonymous":
        expect([...lastOriginRequest(world).headers.keys()].filter((name) => name.startsWith("x-wx-"))).toEqual([]);
        return;
      case "start_login":
      case "renew":
        expect(authorizeRequest(locationOf(answer)).scope).toBe("snsapi_base");
        return;
      case "login_required":
        expect(await answer.json()).toMatchObject({ code: "login_required" });
        return;
      case "ask_profile":
        expect(await answer.text()).toContain("授权并继续");
        return;
      case "signed_out_page":
        expect(await answer.text()).toContain("已退出登录");
        return;
      case "outside_page":
        expect(await answer.text()).toContain("请在微信中打开");
        return;
      case "denied":
        expect(await answer.text()).toMatch(/"code":"denied"|无法访问此页面/);
        return;
      case "answer_preflight":
        expect(answer.headers.get("access-control-allow-origin")).toBe(`https://${HOST}`);
        return;
      case "foreign_socket":
        throw new Error("is decided before the table");
    }
  }

  for (const level of LEVELS) {
    it(`\`${level}\`, for every client, kind and session`, async () => {
      for (const client of CLIENTS) {
        for (const session of SESSIONS) {
          for (const kind of KINDS) {
            stopClock();
            const world = setUp([SITE]);
            const browser = await browserIn(world, session);
            browser.userAgent = client === "wechat" ? WECHAT_USER_AGENT : DESKTOP_USER_AGENT;
            world.originRequests.length = 0;
            const one = { level, client, kind, session };
            // `paused` is a matter of `auto` alone, and only where a login could start.
            const answer = await send(browser, level, kind);
            try {
              await expectAction(contract(one), world, browser, answer);
            } catch (error) {
              throw new Error(nameOf(one), { cause: error });
            }
          }
        }
      }
    });
  }

  it("a WebSocket of another site's page is refused on every level before the origin sees it", async () => {
    const world = setUp([SITE]);
    const browser = await browserIn(world, "login");
    world.originRequests.length = 0;
    for (const level of LEVELS) {
      for (const origin of ["https://evil.example.net", "null", undefined]) {
        const answer = await browser.request(`/${level}`, {
          headers: { upgrade: "websocket", ...(origin === undefined ? {} : { origin }) },
        });
        expect(answer.status).toBe(403);
      }
    }
    expect(world.originRequests).toEqual([]);
  });
});

describe("what is a navigation", () => {
  const html = "text/html,application/xhtml+xml";
  it.each([
    ["Sec-Fetch says so", { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" }, 302],
    [
      "a navigation that a service worker passes on",
      { accept: html, "sec-fetch-mode": "navigate", "sec-fetch-dest": "empty" },
      302,
    ],
    ["an older client's Accept", { accept: html }, 302],
    ["Android WeChat's X-Requested-With", { accept: html, "x-requested-with": "com.tencent.mm" }, 302],
    ["a script's X-Requested-With", { accept: html, "x-requested-with": "XMLHttpRequest" }, 401],
    ["an older script", { accept: "application/json" }, 401],
    ["an image", { accept: "image/webp", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" }, 401],
    ["a prefetch", { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document", "sec-purpose": "prefetch" }, 401],
    ["a frame", { accept: html, "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" }, 401],
    ["a script that accepts html", { accept: html, "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" }, 401],
    ["nothing at all", {}, 401],
  ])("%s: %j is %d", async (_, headers, status) => {
    expect((await new Browser(setUp()).request("/", { headers })).status).toBe(status);
  });

  it("is a HEAD as well, but no POST: a form sent when the session has just ended is a 401", async () => {
    const browser = new Browser(setUp());
    const headers = { accept: html, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
    expect((await browser.request("/", { method: "HEAD", headers })).status).toBe(302);
    const post = await browser.request("/", { method: "POST", body: "a=b", headers });
    expect(post.status).toBe(401);
    expect(await post.json()).toMatchObject({ code: "login_required", level: "login" });
  });
});

describe("401 for a script", () => {
  it("names the level, the request, and the way in: the page that asked", async () => {
    const answer = await new Browser(setUp()).fetch("/api", { headers: { referer: `https://${HOST}/cart?x=1` } });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("content-type")).toMatch(/^application\/json/);
    expect(await answer.json()).toEqual({
      code: "login_required",
      level: "login",
      login_url: "/_wx/login?to=%2Fcart%3Fx%3D1",
      request_id: answer.headers.get("x-request-id"),
    });
  });

  it.each([
    ["none", undefined],
    ["another host's", "https://evil.example.net/page"],
    ["our host over http", `http://${HOST}/page`],
    ["a sister host's", `https://www.${HOST}/page`],
    ["a path of ours", `https://${HOST}/_wx/logout`],
    ["no URL", "nonsense"],
    ["userinfo that looks like us", `https://${HOST}@evil.example.net/`],
  ])("leads to `/` when the Referer is %s", async (_, referer) => {
    const answer = await new Browser(setUp()).fetch("/api", referer === undefined ? {} : { headers: { referer } });
    expect(await answer.json()).toMatchObject({ login_url: "/_wx/login?to=%2F" });
  });
});

describe("outside WeChat", () => {
  const outside: [string, string][] = [
    ["a desktop browser", DESKTOP_USER_AGENT],
    [
      "iOS Safari",
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1",
    ],
    ["WeCom on a phone", "Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 wxwork/4.1.30 MicroMessenger/7.0.1 Language/zh"],
    ["WeCom on Windows", "Mozilla/5.0 (Windows NT 6.1) wxwork/4.1.10 (MicroMessenger/6.2) WindowsWechat"],
    ["no User-Agent", ""],
  ];

  it.each(outside)("%s gets the guide with the page's very URL, as text and as QR code", async (_, userAgent) => {
    const world = setUp();
    const answer = await new Browser(world, "ming", userAgent).navigate("/goods/7?x=1&y=%E4%BD%A0");
    expect(answer.status).toBe(403);
    const page = await answer.text();
    expect(page).toContain(`<code class="url">https://${HOST}/goods/7?x=1&amp;y=%E4%BD%A0</code>`);
    expect(page).toContain('<svg class="qr"');
    expect(world.originRequests).toEqual([]);
    expect(world.wechatCalls).toEqual([]);
  });

  it("gets a refusal without the URL with `outside = deny`", async () => {
    const world = setUp([site({ outside: "deny" })]);
    const answer = await new Browser(world, "ming", DESKTOP_USER_AGENT).navigate("/goods/7");
    expect(answer.status).toBe(403);
    const page = await answer.text();
    expect(page).not.toContain("/goods/7");
    expect(page).toContain("outside_wechat");
    expect(page).toContain("请使用微信打开");
    expect(page).not.toMatch(/<svg class="qr"|链接可能/);
  });

  it("goes on with the session that a forged User-Agent cannot make, and no User-Agent can take away", async () => {
    const world = setUp();
    const browser = new Browser(world, somebody());
    await browser.open("/");
    browser.userAgent = DESKTOP_USER_AGENT;
    expect((await browser.navigate("/")).status).toBe(200);
    expect(seenByOrigin(world, "x-wx-openid")).toBe(await openidOf(APP_ID, browser.person));
    const forger = new Browser(world, "ming", "MicroMessenger");
    expect((await forger.navigate("/")).status).toBe(302);
    expect((await forger.fetch("/")).status).toBe(401);
  });
});

describe("inside WeChat, whatever it calls itself", () => {
  it.each([
    ["iOS", WECHAT_USER_AGENT],
    [
      "Android",
      "Mozilla/5.0 (Linux; Android 15; wv) AppleWebKit/537.36 Version/4.0 Chrome/142.0.0.0 Mobile Safari/537.36 XWEB/1420283 MMWEBSDK/20260604 MicroMessenger/8.0.77.3160(0x28004D3A) WeChat/arm64 Weixin",
    ],
    [
      "Windows",
      "Mozilla/5.0 (Windows NT 10.0) Chrome/132.0.0.0 Safari/537.36 NetType/WIFI MicroMessenger/7.0.20.1781(0x6700143B) WindowsWechat(0x63090a13) UnifiedPCWindowsWechat(0xf2541a35) XWEB/19977 Flue",
    ],
    [
      "macOS",
      "Mozilla/5.0 (Macintosh) MicroMessenger/7.0.20.1781(0x6700143B) MacWechat/3.8.7(0x13080712) UnifiedPCMacWechat(0xf26411f0) Flue",
    ],
    [
      "HarmonyOS NEXT",
      "Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 Chrome/114.0.0.0 Safari/537.36 ArkWeb/4.1.6.1 Mobile MicroMessenger/1.0.5",
    ],
    ["a mini program's web-view", `${WECHAT_USER_AGENT} miniProgram/wx0123456789abcdef`],
    ["a mini program's web-view on Android", `${WECHAT_USER_AGENT} MiniProgramEnv/android`],
    [
      "the developer tools",
      "Mozilla/5.0 Safari/604.1 wechatdevtools/1.06.2504010 MicroMessenger/8.0.5 Language/zh_CN webview/",
    ],
  ])("%s signs in silently", async (_, userAgent) => {
    const world = setUp();
    const browser = new Browser(world, somebody(), userAgent);
    expect((await browser.open("/")).response.status).toBe(200);
    expect(browser.cookies().has(SESSION_COOKIE)).toBe(true);
  });
});
