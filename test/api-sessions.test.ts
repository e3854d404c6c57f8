import { describe, expect, it } from "vitest";
import { apiWorld, call, eventsOf, visitor } from "./support/api.ts";
import { Browser } from "./support/browser.ts";
import { cleanUp, database, passSeconds, rows, somebody, stopClock } from "./support/setting.ts";
import { APP_ID, HOST, site } from "./support/world.ts";

/** Seeing where a user is signed in, and signing out from afar. */

cleanUp();

const RECHECK = 300;
const LIFETIME = 24 * 3_600;

/** One person on several browsers. */
async function onTwoBrowsers(world = apiWorld()) {
  const person = somebody();
  const first = await visitor(world, person);
  passSeconds(1); // the newer one is the second's
  const second = await visitor(world, person);
  expect(second.user).toBe(first.user);
  return { world, first, second, user: first.user };
}

const sids = (body: { sessions: { sid: string }[] }) => body.sessions.map(({ sid }) => sid);

describe("the list of sessions", () => {
  it("holds those that live on this site, with what the assertion calls them", async () => {
    stopClock();
    const { world, first, second, user } = await onTwoBrowsers(apiWorld([site(), site({ host: "other.example.com" })]));
    const elsewhere = new Browser(world, first.person);
    expect((await elsewhere.open("https://other.example.com/")).response.status).toBe(200);
    const { body } = await call(world, "GET", `/users/${user}/sessions`);
    expect(sids(body)).toEqual([first.sid, second.sid].sort());
    const [session] = body.sessions;
    expect(session).toMatchObject({ host: HOST, appid: APP_ID, openid: first.openid, amr: "silent" });
    expect(session.expires_at).toBe(session.created_at + LIFETIME);

    const page = await call(world, "GET", `/users/${user}/sessions?limit=1`);
    const next = await call(world, "GET", `/users/${user}/sessions?limit=1&cursor=${page.body.next_cursor}`);
    expect([...sids(page.body), ...sids(next.body), next.body.next_cursor]).toEqual([...sids(body), null]);

    passSeconds(LIFETIME);
    expect((await call(world, "GET", `/users/${user}/sessions`)).body.sessions).toEqual([]);
  });

  it("is that of the older user after a join", async () => {
    stopClock();
    const world = apiWorld();
    const { user, sid } = await visitor(world);
    const younger = `wxu_${"m".repeat(26)}`;
    await database
      .prepare("INSERT INTO users (id, created_at, merged_into) VALUES (?, 1, ?)")
      .bind(younger, user)
      .run();
    expect(sids((await call(world, "GET", `/users/${younger}/sessions`)).body)).toEqual([sid]);
    expect((await call(world, "DELETE", `/users/${younger}/sessions`)).status).toBe(204);
    expect((await call(world, "GET", `/users/${user}/sessions`)).body.sessions).toEqual([]);
  });
});

describe("ending", () => {
  it("one session puts that browser out within recheck, and no other", async () => {
    stopClock();
    const { world, first, second, user } = await onTwoBrowsers();
    expect((await call(world, "DELETE", `/sessions/${first.sid}`)).status).toBe(204);
    expect(sids((await call(world, "GET", `/users/${user}/sessions`)).body)).toEqual([second.sid]);
    passSeconds(RECHECK);
    expect((await first.browser.fetch("/api")).status).toBe(401);
    expect((await second.browser.fetch("/api")).status).toBe(200);
    const [row] = await rows<{ ended_at: number }>("SELECT ended_at FROM sessions WHERE sid = ?", first.sid);
    expect(row?.ended_at).toBe(Date.now() / 1_000 - RECHECK);
  });

  it("all sessions puts every browser out within recheck; signing in again is allowed", async () => {
    stopClock();
    const { world, first, second, user } = await onTwoBrowsers();
    expect((await call(world, "DELETE", `/users/${user}/sessions`)).status).toBe(204);
    passSeconds(RECHECK);
    for (const { browser } of [first, second]) expect((await browser.fetch("/api")).status).toBe(401);
    expect((await first.browser.open("/")).response.status).toBe(200);
  });

  it("can be repeated: no second event, and the first moment stays", async () => {
    stopClock();
    const { world, first, second, user } = await onTwoBrowsers();
    for (let time = 0; time < 2; time++) {
      expect((await call(world, "DELETE", `/sessions/${first.sid}`)).status).toBe(204);
      passSeconds(1);
    }
    for (let time = 0; time < 2; time++) {
      expect((await call(world, "DELETE", `/users/${user}/sessions`)).status).toBe(204);
      passSeconds(1);
    }
    expect(await eventsOf(user)).toEqual([
      { kind: "end", actor: "api:full", detail: JSON.stringify({ sid: first.sid }) },
      { kind: "end", actor: "api:full", detail: '{"sessions":1}' },
    ]);
    const ends = await rows<{ ended_at: number }>(
      "SELECT ended_at FROM sessions WHERE sid IN (?, ?) ORDER BY ended_at",
      first.sid,
      second.sid,
    );
    expect(ends.map(({ ended_at }) => Date.now() / 1_000 - ended_at)).toEqual([4, 2]);
  });

  it("all sessions counts those that lived, not those that were over by their lifetime", async () => {
    stopClock();
    const world = apiWorld();
    const { user, person } = await visitor(world);
    passSeconds(LIFETIME);
    await visitor(world, person);
    expect((await call(world, "DELETE", `/users/${user}/sessions`)).status).toBe(204);
    expect((await eventsOf(user)).map(({ detail }) => detail)).toEqual(['{"sessions":1}']);
  });

  it("leaves another site's sessions alone", async () => {
    const world = apiWorld([site(), site({ host: "other.example.com" })]);
    const { user, sid } = await visitor(world);
    const host = "other.example.com";
    expect((await call(world, "DELETE", `/sessions/${sid}`, { host })).status).toBe(204);
    expect((await call(world, "DELETE", `/users/${user}/sessions`, { host })).status).toBe(204);
    expect(sids((await call(world, "GET", `/users/${user}/sessions`)).body)).toEqual([sid]);
  });
});
