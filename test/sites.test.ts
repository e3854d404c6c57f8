import { describe, expect, it } from "vitest";
import { openidOf } from "../simulator/identity.ts";
import { toBase64Url, utf8Bytes } from "../src/encoding.ts";
import { Browser } from "./support/browser.ts";
import {
  authorizeRequest,
  cleanUp,
  cookiesSet,
  locationOf,
  logged,
  NO_IO,
  rows,
  SESSION_COOKIE,
  seenByOrigin,
  setUp,
  somebody,
  startCounting,
} from "./support/setting.ts";
import { APP_ID, HOST, OTHER_APP_ID, site } from "./support/world.ts";

/** Several sites and accounts in one deployment, and the relay from the one registered callback host. */

cleanUp();

const OTHER_HOST = "club.example.com";
const FOREIGN_HOST = "bank.example.org";
const sister = site({ host: OTHER_HOST });
const foreign = site({ host: FOREIGN_HOST, app_id: OTHER_APP_ID, app_secret: "OTHER_SECRET" });

describe("two sites of one account", () => {
  it("know one visitor by one openid and one user, each with its own session", async () => {
    const world = setUp([site(), sister]);
    const browser = new Browser(world, somebody());
    await browser.open("/");
    const user = seenByOrigin(world, "x-wx-user");
    await browser.open(`https://${OTHER_HOST}/`);
    expect(seenByOrigin(world, "x-wx-user")).toBe(user);
    const openid = await openidOf(APP_ID, browser.person);
    expect(seenByOrigin(world, "x-wx-openid")).toBe(openid);
    const sessions = await rows("SELECT site, host FROM sessions WHERE openid = ? ORDER BY host", openid);
    expect(sessions).toEqual([
      { site: OTHER_HOST, host: OTHER_HOST },
      { site: HOST, host: HOST },
    ]);
  });

  it("do not open each other's sessions, attempts or markers", async () => {
    const world = setUp([site(), sister]);
    const browser = new Browser(world, somebody());
    const callback = await browser.upToCallback("/page");
    browser.jar.set(OTHER_HOST, new Map(browser.cookies()));
    startCounting(world);
    // The attempt: a callback of the one host at the other is nobody's there.
    const elsewhere = await browser.navigate(callback.replace(HOST, OTHER_HOST));
    expect(authorizeRequest(locationOf(elsewhere)).redirectUri.host).toBe(OTHER_HOST);
    expect(world.wechatCalls).toEqual([]);
    // The session.
    await browser.navigate(callback);
    browser.jar.set(OTHER_HOST, new Map(browser.cookies()));
    expect((await browser.navigate(`https://${OTHER_HOST}/`)).status).toBe(302);
    expect(await (await browser.fetch(`https://${OTHER_HOST}/_wx/me`)).json()).toEqual({ signed_in: false });
    // The signed-out marker.
    await browser.submit("/_wx/logout");
    browser.jar.set(OTHER_HOST, new Map(browser.cookies()));
    expect((await browser.navigate(`https://${OTHER_HOST}/`)).status).toBe(302);
  });

  it("sign out one by one", async () => {
    const world = setUp([site(), sister]);
    const browser = new Browser(world, somebody());
    await browser.open("/");
    await browser.open(`https://${OTHER_HOST}/`);
    await browser.submit("/_wx/logout");
    expect((await browser.navigate(`https://${OTHER_HOST}/`)).status).toBe(200);
  });
});

describe("two accounts", () => {
  it("know one visitor by two openids, and are two users", async () => {
    const world = setUp([site(), foreign]);
    const browser = new Browser(world, somebody());
    await browser.open("/");
    const user = seenByOrigin(world, "x-wx-user");
    await browser.open(`https://${FOREIGN_HOST}/`);
    expect(seenByOrigin(world, "x-wx-appid")).toBe(OTHER_APP_ID);
    expect(seenByOrigin(world, "x-wx-openid")).toBe(await openidOf(OTHER_APP_ID, browser.person));
    expect(seenByOrigin(world, "x-wx-user")).not.toBe(user);
  });

  it("each use their own AppID and secret", async () => {
    const world = setUp([site(), foreign]);
    await world.control("/control/apps", {
      apps: [
        { appid: APP_ID, secret: String(world.env.WECHAT_APP_SECRET) },
        { appid: OTHER_APP_ID, secret: String(world.env.OTHER_SECRET) },
      ],
    });
    const browser = new Browser(world, somebody());
    expect((await browser.open("/")).response.status).toBe(200);
    expect((await browser.open(`https://${FOREIGN_HOST}/`)).response.status).toBe(200);
  });

  it("are apart in the same host too: a session ends when its site gets another account", async () => {
    const before = setUp();
    const browser = new Browser(before, somebody());
    await browser.open("/");
    const after = setUp([site({ app_id: OTHER_APP_ID })]);
    const same = new Browser(after, browser.person);
    same.jar.set(HOST, new Map(browser.cookies()));
    expect((await same.fetch("/api")).status).toBe(401);
  });
});

describe("the relay from the callback host", () => {
  const CALLBACK_HOST = "www.example.com";
  const WILDCARD = site({ host: "*.shops.example.com", callback_host: CALLBACK_HOST });
  const SITES = [site({ host: CALLBACK_HOST }), site({ callback_host: CALLBACK_HOST }), WILDCARD, foreign];

  it.each([HOST, "a.shops.example.com", "deep.b.shops.example.com"])(
    "names %s in the redirect_uri, and brings code and state back there, without a call or a cookie on the way",
    async (host) => {
      const world = setUp(SITES);
      const browser = new Browser(world, somebody());
      const start = await browser.navigate(`https://${host}/page?x=1`);
      const hint = toBase64Url(utf8Bytes("/page?x=1"));
      expect(authorizeRequest(locationOf(start)).redirectUri.href).toBe(
        `https://${CALLBACK_HOST}/_wx/callback?site=${host}&r=${hint}`,
      );
      const callback = await browser.authorize(locationOf(start));
      const { searchParams } = new URL(callback);
      const relayed = await browser.navigate(callback);
      expect(relayed.status).toBe(302);
      expect(relayed.headers.get("cache-control")).toBe("no-store");
      expect(relayed.headers.get("set-cookie")).toBeNull();
      expect(world.wechatCalls).toEqual([]);
      expect(world.calls).toEqual(NO_IO);
      const target = new URL(locationOf(relayed));
      expect(target.origin + target.pathname).toBe(`https://${host}/_wx/callback`);
      expect(target.searchParams.get("code")).toBe(searchParams.get("code"));
      expect(target.searchParams.get("state")).toBe(searchParams.get("state"));
      expect(target.searchParams.has("site")).toBe(false);
      const last = (await browser.follow(relayed, callback)).at(-1);
      expect(last?.url).toBe(`https://${host}/page?x=1#`);
      expect(last?.response.status).toBe(200);
      expect(seenByOrigin(world, "x-wx-openid")).toBe(await openidOf(APP_ID, browser.person));
      expect(browser.cookies(CALLBACK_HOST).size).toBe(0);
      expect(browser.cookies(host).has(SESSION_COOKIE)).toBe(true);
    },
  );

  it("leaves `site` out on the callback host itself", async () => {
    const world = setUp(SITES);
    const start = await new Browser(world).navigate(`https://${CALLBACK_HOST}/`);
    expect(authorizeRequest(locationOf(start)).redirectUri.href).toBe(`https://${CALLBACK_HOST}/_wx/callback?r=Lw`);
  });

  it.each([
    ["an unknown host", "evil.example.net"],
    ["another port of a configured host", `${HOST}:8443`],
    ["a host of another account", FOREIGN_HOST],
    ["the apex of a wildcard", "shops.example.com"],
    ["a host that only ends like one", "evilshops.example.com"],
    ["a URL", "https://shop.example.com"],
    ["userinfo", "shop.example.com@evil.example.net"],
    ["a path", "evil.example.net/shop.example.com"],
    ["a backslash", "evil.example.net\\.shops.example.com"],
    ["a line break", "a.shops.example.com\r\nevil"],
    ["a percent sign", "evil.example.net%2f.shops.example.com"],
  ])("goes nowhere for %s: 400, no call, no redirect", async (_, host) => {
    const world = setUp(SITES);
    const browser = new Browser(world, somebody());
    const callback = new URL(await browser.upToCallback(`https://${HOST}/`));
    callback.searchParams.set("site", host);
    const answer = await browser.navigate(callback.href);
    expect(answer.status).toBe(400);
    expect(answer.headers.get("location")).toBeNull();
    expect(cookiesSet(answer).size).toBe(0);
    expect(world.wechatCalls).toEqual([]);
    expect(logged(world, { code: "callback_malformed" })).toHaveLength(1);
  });

  it("takes a host in any case and with a trailing dot for the host that it is", async () => {
    const world = setUp(SITES);
    const browser = new Browser(world, somebody());
    const callback = new URL(await browser.upToCallback(`https://${HOST}/`));
    callback.searchParams.set("site", `${HOST.toUpperCase()}.`);
    expect(new URL(locationOf(await browser.navigate(callback.href))).host).toBe(HOST);
  });

  it("relays a refusal too: the page belongs to the site that asked", async () => {
    const world = setUp(SITES);
    await world.control("/control", { next: [{ endpoint: "authorize", no_code: true }] });
    const browser = new Browser(world, somebody());
    const { response, url } = await browser.open(`https://${HOST}/page`);
    expect(response.status).toBe(403);
    expect(new URL(url).host).toBe(HOST);
    expect(world.wechatCalls).toEqual([]);
  });

  it("gives a visitor without the attempt a login on the site that was named", async () => {
    const world = setUp(SITES);
    const callback = await new Browser(world, somebody()).upToCallback(`https://${HOST}/page`);
    const other = new Browser(world, somebody());
    const last = (await other.follow(await other.navigate(callback), callback)).at(-1);
    expect(last?.url).toBe(`https://${HOST}/page#`);
    expect(seenByOrigin(world, "x-wx-openid")).toBe(await openidOf(APP_ID, other.person));
  });

  it("keeps the wildcard's hosts apart: a session of one is nothing on its sister", async () => {
    const world = setUp(SITES);
    const [left, right] = ["a.shops.example.com", "b.shops.example.com"];
    const browser = new Browser(world, somebody());
    await browser.open(`https://${left}/`);
    browser.jar.set(right, new Map(browser.cookies(left)));
    expect((await browser.fetch(`https://${right}/api`)).status).toBe(401);
    const openid = await openidOf(APP_ID, browser.person);
    expect(await rows("SELECT site, host FROM sessions WHERE openid = ?", openid)).toEqual([
      { site: "*.shops.example.com", host: left },
    ]);
  });
});

describe("a host and its spellings", () => {
  it.each([HOST.toUpperCase(), `${HOST}.`, `${HOST}:443`])(
    "%s is the same site with the same session",
    async (host) => {
      const world = setUp();
      const browser = new Browser(world, somebody());
      await browser.open("/");
      const answer = await browser.request(`https://${host}/api`, { headers: { cookie: browser.cookieHeader() } });
      expect(answer.status).toBe(200);
      expect(seenByOrigin(world, "x-wx-openid")).toBe(await openidOf(APP_ID, browser.person));
    },
  );

  it("with another port is another HOST: its sessions and its callback are its own", async () => {
    const world = setUp();
    const browser = new Browser(world, somebody());
    await browser.open("/");
    const answer = await browser.request(`https://${HOST}:8443/api`, { headers: { cookie: browser.cookieHeader() } });
    expect(answer.status).toBe(401);
    const start = await browser.navigate(`https://${HOST}:8443/page`);
    expect(authorizeRequest(locationOf(start)).redirectUri.host).toBe(`${HOST}:8443`);
  });
});
