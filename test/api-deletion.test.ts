import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { describe, expect, it, vi } from "vitest";
import { openidOf } from "../simulator/identity.ts";
import { SECOND_DROP } from "../src/api/delete-user.ts";
import { randomBase32 } from "../src/encoding.ts";
import worker from "../src/index.ts";
import { importSealingKeys } from "../src/seal.ts";
import { deleteTrace, findTrace } from "../src/storage/delete-user.ts";
import { putTokens, tokenKey } from "../src/storage/tokens.ts";
import { apiWorld, call, KEYS, visitor } from "./support/api.ts";
import { Browser } from "./support/browser.ts";
import {
  brokenDatabase,
  brokenNamespace,
  cleanUp,
  database,
  locationOf,
  logged,
  passSeconds,
  rows,
  seenByOrigin,
  somebody,
  stopClock,
  tokenStore,
  until,
} from "./support/setting.ts";
import { APP_ID, HOST, OTHER_APP_ID, site, type World } from "./support/world.ts";

/** Deleting a user: nothing is left but numbers. */

cleanUp();

const OTHER_HOST = "other.example.com";
const SITES = [site(), site({ host: OTHER_HOST, app_id: OTHER_APP_ID, app_secret: "OTHER_SECRET" })];
const sealingKeys = await importSealingKeys([new Uint8Array(32).fill(7)]);
const tokens = { accessToken: "a", accessExpiresAt: 1e6, refreshToken: "r", refreshExpiresAt: 1e6 };

/** Every row of every table that holds one of the words, as JSON. */
async function traces(words: readonly string[]): Promise<string[]> {
  const tables = await rows<{ name: string }>(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '_cf%' AND name NOT LIKE 'd1_%'",
  );
  expect(tables.length).toBeGreaterThanOrEqual(9);
  const found = await Promise.all(
    tables.map(async ({ name }) =>
      (await rows(`SELECT * FROM ${name}`)).map((row) => `${name}: ${JSON.stringify(row)}`),
    ),
  );
  return found.flat().filter((row) => words.some((word) => row.includes(word)));
}

/** Somebody with everything that wxgate can hold of a person. */
async function knownPerson() {
  const world = apiWorld(SITES);
  const { browser, user, openid, sid, person } = await visitor(world);
  const elsewhere = await openidOf(OTHER_APP_ID, person);
  const younger = `wxu_${randomBase32(26)}`;
  const json = { site_user: `own-${sid}` };
  await call(world, "PUT", `/users/${user}/site_user`, { json });
  await database.batch([
    database
      .prepare(
        "INSERT INTO bindings (app_id, openid, user_id, unionid, nickname, created_at, seen_at) VALUES (?, ?, ?, ?, ?, 1, 1)",
      )
      .bind(OTHER_APP_ID, elsewhere, user, `union-${sid}`, `nick-${sid}`),
    database.prepare("INSERT INTO users (id, created_at, merged_into) VALUES (?, 1, ?)").bind(younger, user),
    database
      .prepare("INSERT INTO events (at, site, kind, user_id, actor) VALUES (86400, ?, 'login', ?, 'visitor')")
      .bind(HOST, younger),
  ]);
  await call(world, "PUT", `/users/${user}/block`, { host: OTHER_HOST });
  await call(world, "PUT", `/users/${user}/site_user`, { host: OTHER_HOST, json });
  for (const [appId, id] of [
    [APP_ID, openid],
    [OTHER_APP_ID, elsewhere],
  ] as const) {
    await putTokens(tokenStore, sealingKeys, appId, id, tokens, 1);
  }
  const words = [user, younger, openid, elsewhere, sid];
  return { world, browser, user, younger, openid, elsewhere, sid, words };
}

describe("a deleted user", () => {
  it("leaves no row and no token, on any site", async () => {
    const { world, user, openid, elsewhere, words } = await knownPerson();
    const before = await traces(words);
    for (const table of ["users", "bindings", "sessions", "logins", "site_users", "blocks", "events"]) {
      expect(
        before.some((row) => row.startsWith(`${table}:`)),
        table,
      ).toBe(true);
    }
    expect((await call(world, "DELETE", `/users/${user}`)).status).toBe(204);
    expect(await traces(words)).toEqual([]);
    expect(await tokenStore.get(tokenKey(APP_ID, openid))).toBeNull();
    expect(await tokenStore.get(tokenKey(OTHER_APP_ID, elsewhere))).toBeNull();
    const { keys } = await tokenStore.list();
    expect(keys.filter(({ name }) => name.includes(openid) || name.includes(elsewhere))).toEqual([]);
    expect(JSON.stringify(world.logLines)).not.toContain(openid);
  });

  it("is deleted by the id of somebody merged into it too", async () => {
    const { world, younger, words } = await knownPerson();
    expect((await call(world, "DELETE", `/users/${younger}`)).status).toBe(204);
    expect(await traces(words)).toEqual([]);
  });

  it("leaves counts of its events by site, day and kind, and one event that names nobody", async () => {
    const { world, user, younger } = await knownPerson();
    await database.prepare("DELETE FROM event_counts").run();
    const [before] = await rows<{ n: number }>(
      "SELECT count(*) AS n FROM events WHERE user_id IN (?, ?)",
      user,
      younger,
    );
    await call(world, "DELETE", `/users/${user}`);
    const counts = await rows<{ site: string; day: string; kind: string; n: number }>("SELECT * FROM event_counts");
    expect(counts.reduce((sum, { n }) => sum + n, 0)).toBe(before?.n);
    expect(counts).toContainEqual({ site: HOST, day: "1970-01-02", kind: "login", n: 1 });
    expect(counts).toContainEqual(expect.objectContaining({ site: OTHER_HOST, kind: "block", n: 1 }));
    const [event] = await rows("SELECT site, kind, user_id, actor, detail FROM events ORDER BY id DESC LIMIT 1");
    expect(event).toEqual({ site: HOST, kind: "delete", user_id: null, actor: "api:full", detail: null });
  });

  it("can be deleted again: the same answer, and no second event", async () => {
    const { world, user } = await knownPerson();
    const deletions = () => rows("SELECT id FROM events WHERE kind = 'delete'");
    const before = (await deletions()).length;
    for (let time = 0; time < 3; time++) {
      expect((await call(world, "DELETE", `/users/${user}`)).status).toBe(204);
    }
    expect(await deletions()).toHaveLength(before + 1);
  });

  it("that many delete at once is deleted once", async () => {
    const { world, user, words } = await knownPerson();
    const before = await rows("SELECT id FROM events WHERE kind = 'delete'");
    const answers = await Promise.all(Array.from({ length: 8 }, () => call(world, "DELETE", `/users/${user}`)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204]));
    expect(await rows("SELECT id FROM events WHERE kind = 'delete'")).toHaveLength(before.length + 1);
    expect(await traces(words)).toEqual([]);
  });

  it("is out within recheck, and a new user when signing in again", async () => {
    stopClock();
    const { world, browser, user } = await knownPerson();
    await call(world, "DELETE", `/users/${user}`);
    passSeconds(300);
    expect((await browser.fetch("/api")).status).toBe(401);
    const { user: again } = await visitor(world, browser.person);
    expect(again).not.toBe(user);
    expect((await call(world, "GET", `/users/${user}`)).status).toBe(404);
  });

  it("takes nothing of anybody else", async () => {
    const { world, user } = await knownPerson();
    const other = await visitor(world);
    const before = await traces([other.user, other.openid, other.sid]);
    await call(world, "DELETE", `/users/${user}`);
    expect(await traces([other.user, other.openid, other.sid])).toEqual(before);
  });
});

describe("a deletion that meets a join", () => {
  it("fails as a whole when a binding has left for another user meanwhile: the repeat finds the person there", async () => {
    const { user, openid } = await visitor(apiWorld(SITES));
    const trace = await findTrace(database, { appId: APP_ID, site: HOST, user });
    if (!trace.ok) throw new Error(trace.detail);
    const older = `wxu_${randomBase32(26)}`;
    await database.batch([
      database.prepare("INSERT INTO users (id, created_at) VALUES (?, 0)").bind(older),
      database.prepare("UPDATE bindings SET user_id = ? WHERE openid = ?").bind(older, openid),
    ]);
    const gone = await deleteTrace(database, trace.value, { site: HOST, now: 1, actor: "api:test" });
    expect(gone.ok).toBe(false);
    expect(await rows("SELECT id FROM users WHERE id = ?", user)).toHaveLength(1);
  });
});

/** Somebody at the profile page; `callback` is where WeChat sends them after the tap. */
async function consenting(world: World, person = somebody()) {
  const browser = new Browser(world, person);
  await browser.open("/account");
  const callback = await browser.authorize(locationOf(await browser.submit("/_wx/login", { to: "/account" })));
  return { browser, callback };
}

/** Whatever waits here waits for `release`; `asked` says that something does. */
function gate() {
  let release = () => {};
  const opened = new Promise<void>((resolve) => {
    release = resolve;
  });
  const held = {
    asked: false,
    release,
    wait: () => {
      held.asked = true;
      return opened;
    },
  };
  return held;
}

/** KV whose puts wait at the gate. */
function holdPuts(world: World) {
  const held = gate();
  const { TOKENS } = world.env;
  world.env.TOKENS = new Proxy(TOKENS, {
    get: (target, name) => {
      if (name !== "put") return Reflect.get(target, name);
      return async (key: string, value: string, options: KVNamespacePutOptions) => {
        await held.wait();
        return target.put(key, value, options);
      };
    },
  });
  return held;
}

/** D1 that fails the next call, and is well again. */
async function failOnce({ env }: World) {
  const { DB } = env;
  env.DB = new Proxy(DB, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (name !== "prepare") return typeof value === "function" ? value.bind(target) : value;
      return (sql: string) => {
        env.DB = DB;
        return brokenDatabase().prepare(sql);
      };
    },
  });
}

/** The deletion's pause before it drops the tokens again, in the test's hand. */
function holdPause() {
  const held = gate();
  SECOND_DROP.afterMs = 3_001;
  const real = globalThis.setTimeout;
  vi.spyOn(globalThis, "setTimeout").mockImplementation(((work: () => void, ms = 0) =>
    ms === SECOND_DROP.afterMs ? void held.wait().then(work) : real(work, ms)) as typeof setTimeout);
  return held;
}

const AGING = site({
  rules: [{ path: "/account/*", access: "profile" }],
  profile_max_age: "1h",
  session: { renew: "90d", lifetime: "89d" },
});
const tokensOf = async (person: string) => tokenStore.get(tokenKey(APP_ID, await openidOf(APP_ID, person)));
const userOf = async (person: string) =>
  (await rows<{ user_id: string }>("SELECT user_id FROM bindings WHERE openid = ?", await openidOf(APP_ID, person)))[0]
    ?.user_id;

describe("a deletion that meets a consent under way", () => {
  it("leaves no tokens, however late the login keeps them", async () => {
    const world = apiWorld([AGING]);
    const { browser, callback } = await consenting(world);
    const puts = holdPuts(world);
    const login = browser.navigate(callback);
    await until(() => puts.asked);
    const pause = holdPause();
    const deletion = call(world, "DELETE", `/users/${await userOf(browser.person)}`);
    await until(() => pause.asked);
    puts.release();
    expect((await login).status).toBe(302);
    expect(await tokensOf(browser.person)).not.toBeNull();
    pause.release();
    expect((await deletion).status).toBe(204);
    expect(await tokensOf(browser.person)).toBeNull();
    expect(await userOf(browser.person)).toBeUndefined();
  });

  it("answers before that pause, and says so where KV fails after it", async () => {
    const world = apiWorld([AGING]);
    const { browser, callback } = await consenting(world);
    await browser.navigate(callback);
    const pause = holdPause();
    const ctx = createExecutionContext();
    const request = new Request(`https://${HOST}/_wx/api/v1/users/${await userOf(browser.person)}`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${KEYS.full}` },
    });
    const answer = await worker.fetch(request as Parameters<typeof worker.fetch>[0], world.env, ctx);
    expect(answer.status).toBe(204);
    expect(await userOf(browser.person)).toBeUndefined();
    await until(() => pause.asked);
    Object.assign(world.env, { TOKENS: brokenNamespace() });
    pause.release();
    await waitOnExecutionContext(ctx);
    expect(logged(world, { code: "token_store_unavailable", level: "warn" })).toHaveLength(1);
  });

  const userinfo = (fault: Record<string, unknown>) => (world: World) =>
    world.control("/control", { next: [{ endpoint: "userinfo", ...fault }] });
  it.each([
    ["userinfo is busy", userinfo({ errcode: -1 })],
    ["userinfo is HTML", userinfo({ html: true })],
    ["D1 does not take its profile", failOnce],
  ])("leaves no tokens of a renewal's refresh when %s", async (_, meanwhile) => {
    stopClock();
    const world = apiWorld([AGING]);
    const { browser, callback } = await consenting(world);
    await browser.navigate(callback);
    const user = await userOf(browser.person);
    passSeconds(7_300); // the access token is over, too
    const refresh = gate();
    const { fetch } = globalThis;
    vi.stubGlobal("fetch", async (input: RequestInfo, init?: RequestInit) => {
      const answer = await fetch(input, init);
      if (String(input).includes("/sns/oauth2/refresh_token")) await refresh.wait();
      return answer;
    });
    const renewed = browser.navigate("/account");
    await until(() => refresh.asked);
    expect((await call(world, "DELETE", `/users/${user}`)).status).toBe(204);
    await meanwhile(world);
    refresh.release();
    await renewed;
    expect(logged(world, { event: "failure" })).toHaveLength(1);
    expect(await tokensOf(browser.person)).toBeNull();
  });

  it("gives a renewed profile to nobody: the person who came back has not consented", async () => {
    stopClock();
    const world = apiWorld([AGING]);
    const { browser, callback } = await consenting(world);
    await browser.navigate(callback);
    const user = await userOf(browser.person);
    passSeconds(3_601);
    const userinfo = gate();
    const { fetch } = globalThis;
    vi.stubGlobal("fetch", async (input: RequestInfo, init?: RequestInit) => {
      const answer = await fetch(input, init);
      if (String(input).includes("/sns/userinfo")) await userinfo.wait();
      return answer;
    });
    const renewed = browser.navigate("/account");
    await until(() => userinfo.asked);
    expect((await call(world, "DELETE", `/users/${user}`)).status).toBe(204);
    const again = await visitor(world, browser.person);
    expect(again.user).not.toBe(user);
    // As a refresh does that was under way when the user was deleted.
    await putTokens(tokenStore, sealingKeys, APP_ID, again.openid, tokens, 1);
    userinfo.release();
    await renewed;
    expect(await tokensOf(browser.person)).toBeNull();
    expect(await rows("SELECT nickname, avatar, profile_at FROM bindings WHERE user_id = ?", again.user)).toEqual([
      { nickname: null, avatar: null, profile_at: null },
    ]);
    passSeconds(301);
    await again.browser.navigate("/");
    expect(seenByOrigin(world, "x-wx-level")).toBe("login");
    expect(seenByOrigin(world, "x-wx-nickname")).toBeNull();
  });
});

describe("a deletion that fails half-way", () => {
  it("when a binding joins meanwhile does nothing in D1, and finds it when repeated", async () => {
    const { world, user, words } = await knownPerson();
    const { TOKENS } = world.env;
    const late = "o-joined-meanwhile";
    let joined = false;
    world.env.TOKENS = new Proxy(TOKENS, {
      get: (target, name) => {
        if (name !== "delete") return Reflect.get(target, name);
        return async (key: string) => {
          await target.delete(key);
          if (joined) return;
          joined = true;
          await database
            .prepare(
              "INSERT INTO bindings (app_id, openid, user_id, created_at, seen_at) VALUES ('wxjoined', ?, ?, 1, 1)",
            )
            .bind(late, user)
            .run();
          await putTokens(tokenStore, sealingKeys, "wxjoined", late, tokens, 1);
        };
      },
    });
    expect((await call(world, "DELETE", `/users/${user}`)).status).toBe(503);
    expect((await call(world, "GET", `/users/${user}`)).status).toBe(200);
    expect((await call(world, "DELETE", `/users/${user}`)).status).toBe(204);
    expect(await traces([...words, late])).toEqual([]);
    expect(await tokenStore.get(tokenKey("wxjoined", late))).toBeNull();
  });
});
