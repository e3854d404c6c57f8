import { describe, expect, it } from "vitest";
import { openidOf, unionidOf } from "../simulator/identity.ts";
import { fromBase64Url } from "../src/encoding.ts";
import { importSealingKeys, seal } from "../src/seal.ts";
import { Browser } from "./support/browser.ts";
import {
  cleanUp,
  database,
  locationOf,
  logged,
  NO_IO,
  passSeconds,
  rows,
  seenByOrigin,
  setUp,
  somebody,
  startCounting,
  stopClock,
  tokenStore,
} from "./support/setting.ts";
import { openAt } from "./support/tokens.ts";
import { APP_ID, HOST, OTHER_APP_ID, site, type World } from "./support/world.ts";

/** Identity over time: the first visit, a profile that ages, and one person behind several openids. */

cleanUp();

const RULES = [{ path: "/account/*", access: "profile" }];
const OTHER_HOST = "app.example.com";
const DAY = 24 * 60 * 60;
const HOUR = 60 * 60;

const twoAccounts = () => [
  site({ rules: RULES }),
  site({ host: OTHER_HOST, app_id: OTHER_APP_ID, app_secret: "OTHER_SECRET", rules: RULES }),
];

/** One person, signed in at two accounts: two users, of whom nobody knows yet that they are one. */
async function twoUsers() {
  const world = setUp(twoAccounts());
  const person = somebody();
  const browser = new Browser(world, person);
  await browser.open("/");
  const older = seenByOrigin(world, "x-wx-user");
  await rows("UPDATE users SET created_at = created_at - 10 WHERE id = ?", older);
  await browser.open(`https://${OTHER_HOST}/`);
  return { world, person, browser, older, younger: seenByOrigin(world, "x-wx-user") };
}

async function consent(browser: Browser, host = HOST, to = "/account") {
  const answer = await browser.submit(`https://${host}/_wx/login`, { to });
  const callback = await browser.authorize(locationOf(answer));
  const hops = await browser.follow(await browser.navigate(callback), callback);
  return hops.at(-1);
}

/** A visitor with a consented profile at one host. */
async function consented(world: World, person = somebody(), host = HOST): Promise<Browser> {
  const browser = new Browser(world, person);
  await browser.open(`https://${host}/`);
  expect((await consent(browser, host))?.response.status).toBe(200);
  return browser;
}

type BindingRow = {
  app_id: string;
  openid: string;
  user_id: string;
  unionid: string | null;
  nickname: string | null;
  profile_at: number | null;
};
const bindingsOf = (user: string | null) =>
  rows<BindingRow>("SELECT * FROM bindings WHERE user_id = ? ORDER BY app_id", user);
const eventsOf = (kind: string, user: string | null) =>
  rows<{ site: string; detail: string }>("SELECT * FROM events WHERE kind = ? AND user_id = ? ORDER BY id", kind, user);

describe("a first visit", () => {
  it("is silent by default: no question before the page", async () => {
    const world = setUp();
    expect((await new Browser(world, somebody()).open("/")).response.status).toBe(200);
  });

  it('with first_visit = "profile" meets our page once signed in silently, and 暂不授权 goes on to the page', async () => {
    const world = setUp([site({ first_visit: "profile" })]);
    const browser = new Browser(world, somebody());
    const { response, url } = await browser.open("/goods?id=7");
    expect(response.status).toBe(401);
    expect(url).toBe(`https://${HOST}/_wx/login?scope=profile&to=%2Fgoods%3Fid%3D7#`);
    const page = await response.text();
    expect(page).toContain('name="skip"');
    expect(page).toContain("也可以暂不授权");
    expect(world.originRequests).toEqual([]);

    const skipped = await browser.submit("/_wx/login", { to: "/goods?id=7", skip: "1" });
    expect(skipped.status).toBe(303);
    expect(locationOf(skipped)).toBe("/goods?id=7");
    expect((await browser.navigate("/goods?id=7")).status).toBe(200);
    expect(seenByOrigin(world, "x-wx-level")).toBe("login");
  });

  it("remembers 暂不授权 in the binding for 30 days, on every browser", async () => {
    stopClock();
    const world = setUp([site({ first_visit: "profile" })]);
    const person = somebody();
    const browser = new Browser(world, person);
    await browser.open("/");
    await browser.submit("/_wx/login", { to: "/", skip: "1" });
    passSeconds(30 * DAY - 1);
    expect((await new Browser(world, person).open("/")).response.status).toBe(200);
    passSeconds(1);
    expect((await new Browser(world, person).open("/")).url).toContain("/_wx/login?scope=profile&to=");
  });

  it("forgets 暂不授权 once the visitor consents", async () => {
    const world = setUp([site({ first_visit: "profile" })]);
    const browser = new Browser(world, somebody());
    await browser.open("/");
    await browser.submit("/_wx/login", { to: "/", skip: "1" });
    await browser.navigate("/");
    const user = seenByOrigin(world, "x-wx-user");
    const notNow = () => rows("SELECT not_now_until IS NULL AS forgotten FROM bindings WHERE user_id = ?", user);
    expect(await notNow()).toEqual([{ forgotten: 0 }]);
    await consent(browser, HOST, "/");
    expect(await notNow()).toEqual([{ forgotten: 1 }]);
  });

  it("asks nobody who was here before the option, and nobody on an auto path", async () => {
    stopClock();
    const known = somebody();
    await new Browser(setUp(), known).open("/");
    passSeconds(HOUR);
    const world = setUp([site({ first_visit: "profile", rules: [{ path: "/shop/*", access: "auto" }] })]);
    expect((await new Browser(world, known).open("/")).response.status).toBe(200);
    expect((await new Browser(world, somebody()).open("/shop")).response.status).toBe(200);
  });

  it("lets a refused question stand: the session is there, and the next page is not asked for again", async () => {
    const world = setUp([site({ first_visit: "profile" })]);
    const browser = new Browser(world, somebody());
    await browser.open("/");
    expect((await browser.navigate("/")).status).toBe(200);
  });

  it.each([
    ["failed", { endpoint: "userinfo", errcode: -1 }, 401],
    ["failed at the exchange", { endpoint: "access_token", errcode: 40029 }, 401],
    ["was refused", { endpoint: "authorize", no_code: true }, 403],
  ])("keeps its way out when the consent %s", async (_, fault, status) => {
    const world = setUp([site({ first_visit: "profile" })]);
    const browser = new Browser(world, somebody());
    await browser.open("/goods");
    await world.control("/control", { next: [fault] });
    const last = await consent(browser, HOST, "/goods");
    expect(last?.response.status).toBe(status);
    const page = (await last?.response.text()) ?? "";
    expect(page).toContain('name="skip"');
    expect(page).toContain("也可以暂不授权");
    expect(locationOf(await browser.submit("/_wx/login", { to: "/goods", skip: "1" }))).toBe("/goods");
    expect((await browser.navigate("/goods")).status).toBe(200);
  });

  it("has no way out that leads back to the question: on a `profile` path, or without the option", async () => {
    const pageAt = async (world: World, path: string) =>
      (await (await new Browser(world, somebody()).open(path)).response.text()).includes('name="skip"');
    const asks = () => setUp([site({ first_visit: "profile", rules: RULES })]);
    expect(await pageAt(asks(), "/account/orders")).toBe(false);
    expect(await pageAt(asks(), "/_wx/login?scope=profile&to=%2Faccount%2Forders")).toBe(false);
    expect(await pageAt(asks(), "/_wx/login?scope=profile&to=%2Fgoods")).toBe(true);
    expect(await pageAt(setUp([site()]), "/_wx/login?scope=profile&to=%2Fgoods")).toBe(false);
  });

  it("shows the site's own reason in the visitor's language", async () => {
    const consent_text = { zh: "用于显示评价<b>", en: "For your reviews" };
    const browser = new Browser(setUp([site({ consent_text })]), somebody());
    const zh = await (await browser.navigate("/_wx/login?scope=profile&to=/")).text();
    expect(zh).toContain("用于显示评价&lt;b&gt;");
    const en = await browser.navigate("/_wx/login?scope=profile&to=/", { "accept-language": "en" });
    expect(await en.text()).toContain("For your reviews");
  });
});

describe("a profile that was consented to", () => {
  it("is answered by the database at any later login: no userinfo call, no question", async () => {
    const world = setUp([site({ rules: RULES })]);
    const browser = await consented(world);
    startCounting(world);
    const elsewhere = new Browser(world, browser.person);
    expect((await elsewhere.open("/account")).response.status).toBe(200);
    expect(seenByOrigin(world, "x-wx-level")).toBe("profile");
    expect(seenByOrigin(world, "x-wx-nickname")).not.toBeNull();
    expect(world.wechatCalls).toEqual(["/sns/oauth2/access_token"]);
  });

  it("stays out of D1 with store_profile = false, and in the session that consented", async () => {
    const world = setUp([site({ rules: RULES, store_profile: false })]);
    const browser = await consented(world);
    const [binding] = await bindingsOf(seenByOrigin(world, "x-wx-user"));
    expect(binding).toMatchObject({ nickname: null, avatar: null });
    expect(binding?.profile_at).not.toBeNull();
    expect(seenByOrigin(world, "x-wx-nickname")).not.toBeNull();
    // Another browser has no profile to show: it is asked.
    expect((await new Browser(world, browser.person).open("/account")).response.status).toBe(401);
  });

  it("keeps its nickname through a check and a silent renewal with store_profile = false", async () => {
    stopClock();
    const world = setUp([site({ rules: RULES, store_profile: false, session: { renew: "1h" } })]);
    const browser = await consented(world);
    const nickname = seenByOrigin(world, "x-wx-nickname");
    passSeconds(400);
    await browser.navigate("/account");
    expect(seenByOrigin(world, "x-wx-nickname")).toBe(nickname);
    passSeconds(2 * HOUR);
    expect((await browser.open("/account")).response.status).toBe(200);
    expect(seenByOrigin(world, "x-wx-nickname")).toBe(nickname);
    expect(seenByOrigin(world, "x-wx-level")).toBe("profile");
  });

  it("is nobody else's with store_profile = false: who is renewed in the same browser gets none of it", async () => {
    stopClock();
    const world = setUp([site({ rules: RULES, store_profile: false, session: { renew: "1h" } })]);
    const second = (await consented(world)).person; // consented in a browser of their own
    const browser = await consented(world);
    const first = seenByOrigin(world, "x-wx-openid");
    browser.person = second;
    passSeconds(2 * HOUR);
    expect((await browser.open("/")).response.status).toBe(200);
    expect(seenByOrigin(world, "x-wx-openid")).not.toBe(first);
    expect(seenByOrigin(world, "x-wx-nickname")).toBeNull();
    expect(seenByOrigin(world, "x-wx-avatar")).toBeNull();
    expect(seenByOrigin(world, "x-wx-level")).toBe("login");
  });

  it("with store_profile = false is asked for anew when it grew old: nothing behind the visitor's back could renew it", async () => {
    stopClock();
    const world = setUp([{ ...AGING, store_profile: false }]);
    const browser = await consented(world);
    const openid = seenByOrigin(world, "x-wx-openid");
    expect(await tokenStore.get(`token:${APP_ID}:${openid}`)).toBeNull();
    passSeconds(HOUR + 1);
    startCounting(world);
    expect((await browser.navigate("/account")).status).toBe(401);
    expect(world.wechatCalls).toEqual([]);
    expect((await browser.navigate("/")).status).toBe(200);
    expect(seenByOrigin(world, "x-wx-level")).toBe("login");
    expect(seenByOrigin(world, "x-wx-nickname")).toBeNull();
    const renamed = `renamed-${browser.person}`;
    await world.control("/control", { next: [{ endpoint: "userinfo", set: { nickname: renamed } }] });
    expect((await consent(browser))?.response.status).toBe(200);
    expect(seenByOrigin(world, "x-wx-nickname")).toBe(renamed);
  });
});

const AGING = site({ rules: RULES, profile_max_age: "1h", session: { renew: "90d", lifetime: "89d" } });

/** A consented visitor whose profile has just grown older than the site wants. */
async function aged(world: World): Promise<Browser> {
  stopClock();
  const browser = await consented(world);
  passSeconds(HOUR + 1);
  startCounting(world);
  return browser;
}

const REFRESH = "/sns/oauth2/refresh_token";
const USERINFO = "/sns/userinfo";

describe("a profile that grew old", () => {
  it("is renewed behind the answer of a check, with the cached access token, and nobody is asked", async () => {
    const world = setUp([AGING]);
    const browser = await aged(world);
    expect((await browser.navigate("/account")).status).toBe(200);
    expect(world.wechatCalls).toEqual([USERINFO]);
    const user = seenByOrigin(world, "x-wx-user");
    expect((await bindingsOf(user))[0]?.profile_at).toBe(Math.floor(Date.now() / 1_000));

    startCounting(world);
    expect((await browser.navigate("/account")).status).toBe(200);
    expect(world.calls).toEqual(NO_IO);
  });

  it("is renewed with a refreshed token when the access token is over, and what came back is kept", async () => {
    const world = setUp([AGING]);
    const browser = await aged(world);
    const before = await openAt(world, seenByOrigin(world, "x-wx-openid"));
    passSeconds(2 * HOUR);
    expect((await browser.navigate("/account")).status).toBe(200);
    expect(world.wechatCalls).toEqual([REFRESH, USERINFO]);
    const after = await openAt(world, seenByOrigin(world, "x-wx-openid"));
    expect(after?.accessToken).not.toBe(before?.accessToken);
    expect(after?.accessExpiresAt).toBe(Math.floor(Date.now() / 1_000) + 7_200);
  });

  it.each([
    [61, [USERINFO]],
    [60, [REFRESH, USERINFO]],
  ])("is renewed with the token at hand while that is good for %i seconds: %j", async (left, calls) => {
    const world = setUp([AGING]);
    const browser = await aged(world);
    const { accessExpiresAt = 0 } = (await openAt(world, seenByOrigin(world, "x-wx-openid"))) ?? {};
    passSeconds(accessExpiresAt - left - Date.now() / 1_000);
    await browser.navigate("/account");
    expect(world.wechatCalls).toEqual(calls);
  });

  it("is renewed by the refresh token that WeChat gave last", async () => {
    const world = setUp([AGING]);
    const browser = await aged(world);
    const openid = seenByOrigin(world, "x-wx-openid");
    const before = (await openAt(world, openid))?.refreshToken;
    passSeconds(2 * HOUR);
    await world.control("/control", { next: [{ endpoint: "refresh_token", set: { refresh_token: `new-${before}` } }] });
    await browser.navigate("/account");
    expect((await openAt(world, openid))?.refreshToken).toBe(`new-${before}`);
  });

  it("is renewed in the last minute of the refresh token too, which KV would keep no less than a minute", async () => {
    const world = setUp([AGING]);
    const browser = await aged(world);
    const { refreshExpiresAt = 0 } = (await openAt(world, seenByOrigin(world, "x-wx-openid"))) ?? {};
    passSeconds(refreshExpiresAt - 30 - Date.now() / 1_000);
    await browser.navigate("/account");
    expect(world.wechatCalls).toEqual([REFRESH, USERINFO]);
    expect(logged(world, { code: "token_store_unavailable" })).toEqual([]);
  });

  it("is asked for by page when the stored tokens are of another format", async () => {
    const world = setUp([AGING]);
    const browser = await aged(world);
    const openid = seenByOrigin(world, "x-wx-openid");
    const name = `token:${APP_ID}:${openid}`;
    const secret = fromBase64Url(String(world.env.GATEWAY_SECRET)) ?? new Uint8Array();
    const later = JSON.stringify({ ...(await openAt(world, openid)), scope: "snsapi_userinfo" });
    await tokenStore.put(name, await seal(await importSealingKeys([secret]), ["tokens", name], later));
    await browser.navigate("/account");
    expect(world.wechatCalls).toEqual([]);
    passSeconds(301);
    expect((await browser.navigate("/account")).status).toBe(401);
  });

  it.each([40001, 40014, 42001])(
    "is renewed with a refreshed token when userinfo calls the token bad (%i)",
    async (errcode) => {
      const world = setUp([AGING]);
      const browser = await aged(world);
      await world.control("/control", { next: [{ endpoint: "userinfo", errcode }] });
      await browser.navigate("/account");
      expect(world.wechatCalls).toEqual([USERINFO, REFRESH, USERINFO]);
      expect((await bindingsOf(seenByOrigin(world, "x-wx-user")))[0]?.profile_at).toBe(Math.floor(Date.now() / 1_000));
    },
  );

  it.each([40030, 42002, 42007])(
    "drops the tokens and asks by page when WeChat allows it no more (%i)",
    async (errcode) => {
      const world = setUp([AGING]);
      const browser = await aged(world);
      passSeconds(2 * HOUR);
      await world.control("/control", { next: [{ endpoint: "refresh_token", errcode }] });
      expect((await browser.navigate("/account")).status).toBe(200); // behind the answer
      const openid = seenByOrigin(world, "x-wx-openid");
      expect(await tokenStore.get(`token:${APP_ID}:${openid}`)).toBeNull();
      passSeconds(301);
      expect((await browser.navigate("/account")).status).toBe(401);
      expect((await consent(browser))?.response.status).toBe(200);
    },
  );

  it("asks by page when there is no token any more", async () => {
    const world = setUp([AGING]);
    const browser = await aged(world);
    await tokenStore.delete(`token:${APP_ID}:${seenByOrigin(world, "x-wx-openid")}`);
    await browser.navigate("/account");
    expect(world.wechatCalls).toEqual([]);
    passSeconds(301);
    expect((await browser.navigate("/account")).status).toBe(401);
  });

  it.each([
    ["busy", { errcode: -1 }],
    ["HTML", { html: true }],
  ])("stays as it is while WeChat has a passing trouble (%s), and is renewed at the next check", async (_, fault) => {
    const world = setUp([AGING]);
    const browser = await aged(world);
    await world.control("/control", { next: [{ endpoint: "userinfo", ...fault }] });
    await browser.navigate("/account");
    passSeconds(301);
    startCounting(world);
    expect((await browser.navigate("/account")).status).toBe(200);
    expect(world.wechatCalls).toEqual([USERINFO]);
  });

  it("is harmless to renew in several isolates at once: WeChat prolongs the token, every copy works", async () => {
    const world = setUp([AGING]);
    const browser = await aged(world);
    passSeconds(2 * HOUR);
    const isolates = Array.from({ length: 8 }, () => {
      const other = setUp([AGING]);
      other.useSimulator(world.simulator);
      const copy = new Browser(other, browser.person);
      for (const [host, cookies] of browser.jar) copy.jar.set(host, new Map(cookies));
      return copy;
    });
    const answers = await Promise.all(isolates.map((copy) => copy.navigate("/account")));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
    const [binding] = await rows<BindingRow>("SELECT * FROM bindings WHERE openid = ?", await openidOfBrowser(world));
    expect(binding?.profile_at).toBe(Math.floor(Date.now() / 1_000));
    // What is stored now still renews.
    passSeconds(3 * HOUR);
    startCounting(world);
    const last = isolates.at(-1);
    expect((await last?.navigate("/account"))?.status).toBe(200);
    expect((await rows<BindingRow>("SELECT * FROM bindings WHERE openid = ?", binding?.openid))[0]?.profile_at).toBe(
      Math.floor(Date.now() / 1_000),
    );
  });

  it("never touches the unionid", async () => {
    const world = setUp([AGING]);
    const browser = await aged(world);
    const user = seenByOrigin(world, "x-wx-user");
    const unionid = (await bindingsOf(user))[0]?.unionid;
    await world.control("/control", {
      next: [{ endpoint: "userinfo", set: { unionid: "oAnotherUnionidAltogether000" } }],
    });
    await browser.navigate("/account");
    expect((await bindingsOf(user))[0]?.unionid).toBe(unionid);
  });
});

async function openidOfBrowser(world: World): Promise<string | null> {
  return seenByOrigin(world, "x-wx-openid");
}

describe("one person behind two accounts", () => {
  it.each([
    [HOST, OTHER_HOST],
    [OTHER_HOST, HOST],
  ])("is one user when the unionid is known already (%s, then %s)", async (first, second) => {
    const world = setUp(twoAccounts());
    const person = somebody();
    await consented(world, person, first);
    const user = seenByOrigin(world, "x-wx-user");
    const browser = new Browser(world, person);
    // No silent login before: the consented one makes the binding.
    expect((await consent(browser, second))?.response.status).toBe(200);
    expect(seenByOrigin(world, "x-wx-user")).toBe(user);
    expect(await bindingsOf(user)).toHaveLength(2);
    expect(await rows("SELECT * FROM users WHERE merged_into = ?", user)).toEqual([]);
  });

  it.each([
    [HOST, OTHER_HOST],
    [OTHER_HOST, HOST],
  ])(
    "is joined when the unionid appears later (%s, then %s): the older user stays, both are in the event log",
    async (first, second) => {
      stopClock();
      const world = setUp(twoAccounts());
      const person = somebody();
      const older = new Browser(world, person);
      await older.open(`https://${first}/`);
      const olderUser = seenByOrigin(world, "x-wx-user");
      passSeconds(5);
      const younger = new Browser(world, person);
      await younger.open(`https://${second}/`);
      const youngerUser = seenByOrigin(world, "x-wx-user");
      expect(youngerUser).not.toBe(olderUser);

      await consent(younger, second);
      expect(seenByOrigin(world, "x-wx-user")).toBe(youngerUser); // one unionid only so far
      await consent(older, first);
      expect(seenByOrigin(world, "x-wx-user")).toBe(olderUser);
      expect(await bindingsOf(olderUser)).toHaveLength(2);
      expect(await rows("SELECT merged_into FROM users WHERE id = ?", youngerUser)).toEqual([
        { merged_into: olderUser },
      ]);
      // At both sites: the younger user's id changes at the second, where nobody signed in now.
      const bySite = async (user: string | null) =>
        (await eventsOf("join", user)).map(({ site, detail }) => [site, JSON.parse(detail)]).sort();
      const sites = [first, second].sort();
      expect(await bySite(olderUser)).toEqual(sites.map((at) => [at, { merged: youngerUser }]));
      expect(await bySite(youngerUser)).toEqual(sites.map((at) => [at, { merged_into: olderUser }]));

      // The younger user's session picks the older up at its next check.
      passSeconds(301);
      expect((await younger.navigate(`https://${second}/`)).status).toBe(200);
      expect(seenByOrigin(world, "x-wx-user")).toBe(olderUser);
    },
  );

  it("takes along whom the younger user had been joined with before", async () => {
    stopClock();
    const third = { host: "club.example.com", app_id: "wx1111111111111111", app_secret: "THIRD_SECRET" };
    const world = setUp([...twoAccounts(), site({ ...third, rules: RULES })], { THIRD_SECRET: "0f".repeat(16) });
    const browser = new Browser(world, somebody());
    const users: (string | null)[] = [];
    for (const host of [HOST, OTHER_HOST, third.host]) {
      await browser.open(`https://${host}/`);
      users.push(seenByOrigin(world, "x-wx-user"));
      passSeconds(5);
    }
    const [oldest, middle, youngest] = users;
    await consent(browser, OTHER_HOST);
    await consent(browser, third.host);
    const mergedInto = (user: string | null = null) => rows("SELECT merged_into FROM users WHERE id = ?", user);
    expect(await mergedInto(youngest)).toEqual([{ merged_into: middle }]);
    await consent(browser, HOST);
    expect(await mergedInto(middle)).toEqual([{ merged_into: oldest }]);
    expect(await mergedInto(youngest)).toEqual([{ merged_into: oldest }]);
  });

  it("is blocked if either was", async () => {
    const world = setUp(twoAccounts());
    const person = somebody();
    const browser = new Browser(world, person);
    await browser.open("/");
    const older = seenByOrigin(world, "x-wx-user");
    await browser.open(`https://${OTHER_HOST}/`);
    const younger = seenByOrigin(world, "x-wx-user");
    await consent(browser);
    await database
      .prepare("INSERT INTO blocks (site, user_id, created_at) VALUES (?, ?, 1)")
      .bind(OTHER_HOST, younger)
      .run();
    await rows("UPDATE users SET created_at = created_at - 10 WHERE id = ?", older);
    // The blocked account's own consent joins: its session is refused, the other site's goes on.
    expect((await consent(browser, OTHER_HOST))?.response.status).toBe(403);
    expect(await rows("SELECT user_id FROM blocks WHERE site = ?", OTHER_HOST)).toContainEqual({ user_id: older });
    expect(await rows("SELECT user_id FROM blocks WHERE user_id = ?", younger)).toEqual([]);
  });

  it("is left as two users when both have an id of their own on one site: a conflict, neither joined nor stored", async () => {
    const world = setUp(twoAccounts());
    const person = somebody();
    const browser = new Browser(world, person);
    await browser.open("/");
    const one = seenByOrigin(world, "x-wx-user");
    await browser.open(`https://${OTHER_HOST}/`);
    const two = seenByOrigin(world, "x-wx-user");
    for (const [user, id] of [
      [one, `a-${person}`],
      [two, `b-${person}`],
    ]) {
      await database
        .prepare("INSERT INTO site_users (site, user_id, site_user) VALUES (?, ?, ?)")
        .bind(HOST, user, id)
        .run();
    }
    await consent(browser);
    expect((await consent(browser, OTHER_HOST))?.response.status).toBe(200);
    expect(seenByOrigin(world, "x-wx-user")).toBe(two);
    expect((await bindingsOf(two))[0]?.unionid).toBeNull();
    expect((await eventsOf("conflict", two)).map(({ detail }) => JSON.parse(detail))).toEqual([
      { reason: "site_user" },
    ]);
  });

  it("is told at every site that knew the younger user, by an openid, a site user, a block or events, and at no other", async () => {
    const { person, browser, older, younger } = await twoUsers();
    await database.batch([
      database
        .prepare("INSERT INTO site_users (site, user_id, site_user) VALUES ('bound.example', ?1, ?2)")
        .bind(younger, `j-${person}`),
      database.prepare("INSERT INTO blocks (site, user_id, created_at) VALUES ('blocked.example', ?, 1)").bind(younger),
      database.prepare("UPDATE events SET site = 'past.example' WHERE user_id = ?").bind(younger),
    ]);
    await consent(browser);
    await consent(browser, OTHER_HOST);
    const told = (await eventsOf("join", younger)).map(({ site }) => site);
    expect(told.sort()).toEqual([OTHER_HOST, "blocked.example", "bound.example", "past.example"].sort());
    expect((await eventsOf("join", older)).map(({ site }) => site).sort()).toEqual(told);
  });

  it("is told where the younger user's openid is all that is left, its sessions and events being gone", async () => {
    const { browser, younger } = await twoUsers();
    await consent(browser, OTHER_HOST);
    await rows("DELETE FROM sessions WHERE user_id = ?", younger);
    await rows("DELETE FROM events WHERE user_id = ?", younger);
    await consent(browser);
    expect((await eventsOf("join", younger)).map(({ site }) => site).sort()).toEqual([OTHER_HOST, HOST].sort());
  });

  it("keeps a site user that only one of them has", async () => {
    const { world, person, browser, older, younger } = await twoUsers();
    await database
      .prepare("INSERT INTO site_users (site, user_id, site_user) VALUES (?, ?, ?)")
      .bind(OTHER_HOST, younger, `c-${person}`)
      .run();
    await consent(browser);
    await consent(browser, OTHER_HOST);
    expect(seenByOrigin(world, "x-wx-user")).toBe(older);
    expect(seenByOrigin(world, "x-wx-site-user")).toBe(`c-${person}`);
  });

  it("is not believed from a second openid of one AppID: a conflict, neither joined nor stored", async () => {
    const world = setUp([site({ rules: RULES })]);
    const first = await consented(world);
    const user = seenByOrigin(world, "x-wx-user");
    const unionid = (await bindingsOf(user))[0]?.unionid;
    const stranger = new Browser(world, somebody());
    await stranger.open("/");
    await world.control("/control", { next: [{ endpoint: "userinfo", set: { unionid } }] });
    expect((await consent(stranger))?.response.status).toBe(200);
    const other = seenByOrigin(world, "x-wx-user");
    expect(other).not.toBe(user);
    expect(seenByOrigin(world, "x-wx-unionid")).toBeNull();
    expect((await eventsOf("conflict", other)).map(({ detail }) => JSON.parse(detail))).toEqual([{ reason: "openid" }]);
    expect(first.person).not.toBe(stranger.person);
  });

  it("is not followed when a binding's unionid changes: an imported lead to somebody else's user gives nothing away", async () => {
    const world = setUp(twoAccounts());
    const victim = somebody();
    await consented(world, victim, OTHER_HOST);
    const victimUser = seenByOrigin(world, "x-wx-user");
    const attacker = somebody();
    const openid = await openidOf(APP_ID, attacker);
    // What an import for the other site may say: this openid has the victim's unionid, so it is the victim's.
    await database
      .prepare("INSERT INTO bindings (app_id, openid, user_id, unionid, created_at, seen_at) VALUES (?, ?, ?, ?, 1, 1)")
      .bind(APP_ID, openid, victimUser, await unionidOf("default", victim))
      .run();
    const browser = new Browser(world, attacker);
    await consent(browser);
    expect((await eventsOf("conflict", victimUser)).map(({ detail }) => JSON.parse(detail))).toEqual([
      { reason: "unionid" },
    ]);
    // The attacker's own unionid was not stored there, so it leads nobody to the victim elsewhere.
    await consent(browser, OTHER_HOST);
    expect(seenByOrigin(world, "x-wx-user")).not.toBe(victimUser);
  });

  it("is never joined through a snapshot visitor or a silent login", async () => {
    const world = setUp(twoAccounts());
    const person = somebody();
    await consented(world, person);
    const user = seenByOrigin(world, "x-wx-user");
    const unionid = await unionidOf("default", person);
    // A token answer that carries a unionid without a userinfo of this login.
    await world.control("/control", { next: [{ endpoint: "access_token", set: { unionid } }] });
    await new Browser(world, person).open(`https://${OTHER_HOST}/`);
    expect(seenByOrigin(world, "x-wx-user")).not.toBe(user);
    expect(seenByOrigin(world, "x-wx-unionid")).toBeNull();
  });

  it("is joined once, however many of its logins arrive at the same moment", async () => {
    const world = setUp(twoAccounts());
    const people = Array.from({ length: 20 }, () => somebody());
    await Promise.all(
      people.flatMap((person) =>
        [HOST, OTHER_HOST].map(async (host) => {
          const browser = new Browser(world, person);
          await browser.open(`https://${host}/`);
          await consent(browser, host);
        }),
      ),
    );
    for (const person of people) {
      const unionid = await unionidOf("default", person);
      const users = await rows<{ user_id: string }>("SELECT DISTINCT user_id FROM bindings WHERE unionid = ?", unionid);
      expect(users).toHaveLength(1);
    }
    const orphans = await rows(
      "SELECT id FROM users u WHERE merged_into IS NULL AND NOT EXISTS (SELECT 1 FROM bindings b WHERE b.user_id = u.id)",
    );
    expect(orphans).toEqual([]);
    expect(await rows("SELECT * FROM joins")).toEqual([]);
  });
});

describe("a login's events", () => {
  it("tell of a blocked person's consent too: its profile is stored, though no session is made", async () => {
    const world = setUp([site({ rules: RULES })]);
    const browser = new Browser(world, somebody());
    await browser.open("/");
    const user = seenByOrigin(world, "x-wx-user");
    await database.prepare("INSERT INTO blocks (site, user_id, created_at) VALUES (?, ?, 1)").bind(HOST, user).run();
    expect((await new Browser(world, browser.person).open("/")).response.status).toBe(403);
    expect((await consent(browser))?.response.status).toBe(403);
    expect((await bindingsOf(user))[0]?.profile_at).not.toBeNull();
    expect(await rows("SELECT kind, site, actor, detail FROM events WHERE user_id = ? ORDER BY id", user)).toEqual([
      { kind: "login", site: HOST, actor: "visitor", detail: null },
      { kind: "profile", site: HOST, actor: "visitor", detail: '{"blocked":true}' },
    ]);
  });

  it("say who, when and what, and name no openid", async () => {
    const world = setUp([site({ rules: RULES })]);
    await consented(world);
    const user = seenByOrigin(world, "x-wx-user");
    const events = await rows<{ kind: string; actor: string; site: string; detail: string | null }>(
      "SELECT kind, actor, site, detail FROM events WHERE user_id = ? ORDER BY id",
      user,
    );
    expect(events).toEqual([
      { kind: "login", actor: "visitor", site: HOST, detail: null },
      { kind: "profile", actor: "visitor", site: HOST, detail: null },
    ]);
  });
});

describe("a D1 that fails in the middle of a login", () => {
  it("leaves no half-written state and no orphan user", async () => {
    const world = setUp(twoAccounts());
    const count = async () =>
      (await rows<{ n: number }>("SELECT (SELECT count(*) FROM users) + (SELECT count(*) FROM bindings) AS n"))[0]?.n;
    const before = await count();
    const { DB } = world.env;
    const batch = DB.batch.bind(DB);
    let spoilt = 0;
    Object.assign(world.env, {
      DB: new Proxy(DB, {
        get(target, property) {
          if (property !== "batch")
            return Reflect.get(target, property).bind?.(target) ?? Reflect.get(target, property);
          // One statement more, which violates a constraint: the transaction fails as a whole.
          return (statements: D1PreparedStatement[]) => {
            spoilt++;
            return batch([...statements, target.prepare("INSERT INTO users (id, created_at) VALUES (NULL, NULL)")]);
          };
        },
      }),
    });
    const answers = await Promise.all(
      Array.from({ length: 10 }, async () => (await new Browser(world, somebody()).open("/")).response.status),
    );
    expect(answers).toEqual(Array(10).fill(503));
    expect(spoilt).toBe(10);
    expect(await count()).toBe(before);
  });
});
