import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { Env } from "../env.ts";
import { endSession, readLogin, readSession, recordSnapshot, SQL, stored } from "./d1.ts";
import { JOIN_SQL } from "./join-users.ts";
import { PROFILE_SQL } from "./profiles.ts";
import { LOGIN_SQL, type NewLogin, recordLogin } from "./record-login.ts";

const { DB: db } = env as unknown as Env;
const APP_ID = "wx0123456789abcdef";

let drawn = 0;
/** 26 characters of their own. */
const id = () => `a${String(++drawn).padStart(25, "a")}`.replace(/\d/g, (digit) => "bcdefghijk"[Number(digit)] ?? "");

function newLogin(more: Partial<NewLogin> = {}): NewLogin {
  return {
    state: `${id()}AAAAA0`,
    site: "shop.example.com",
    host: "shop.example.com",
    appId: APP_ID,
    openid: `o${id()}`,
    candidateUser: `wxu_${id()}`,
    sid: id(),
    amr: "silent",
    expiresAt: 2_000,
    replacedSid: null,
    sites: [[APP_ID, "shop.example.com"]],
    profile: null,
    now: 1_000,
    ...more,
  };
}

async function record(login: NewLogin) {
  const answer = await recordLogin(db, login, 2_000);
  if (!answer.ok) throw new Error(answer.detail);
  return answer.value;
}

const count = async (sql: string, ...values: unknown[]) =>
  (
    await db
      .prepare(`SELECT count(*) AS n FROM ${sql}`)
      .bind(...values)
      .first<{ n: number }>()
  )?.n;

describe("every statement", () => {
  it.each(Object.entries({ ...SQL, ...LOGIN_SQL, ...JOIN_SQL, ...PROFILE_SQL }))(
    "%s finds its rows by an index",
    async (_, sql) => {
      const parameters = Math.max(...[...sql.matchAll(/\?(\d)/g)].map(([, number]) => Number(number)));
      const plan = await db
        .prepare(`EXPLAIN QUERY PLAN ${sql}`)
        .bind(...Array<string>(parameters).fill("1"))
        .all<{ detail: string }>();
      const scans = plan.results
        .map(({ detail }) => detail)
        .filter((detail) => /^SCAN (?!CONSTANT|\(|own|person|pair|known|json_each)/.test(detail));
      expect(scans).toEqual([]);
    },
  );
});

describe("recording a login", () => {
  it("makes binding, user, session and outcome in one go, and answers what the session must know", async () => {
    const login = newLogin();
    expect(await record(login)).toEqual({
      sid: login.sid,
      user_id: login.candidateUser,
      app_id: APP_ID,
      openid: login.openid,
      amr: "silent",
      created_at: 1_000,
      ended_at: null,
      unionid: null,
      nickname: null,
      avatar: null,
      profile_at: null,
      bound_at: 1_000,
      not_now_until: null,
      site_user: null,
      blocked: 0,
    });
    expect(await count("users WHERE id = ? AND created_at = 1000", login.candidateUser)).toBe(1);
  });

  it("makes no user for a binding that is there: the candidate is thrown away", async () => {
    const first = newLogin();
    await record(first);
    const second = newLogin({ openid: first.openid, now: 1_500 });
    expect(await record(second)).toMatchObject({ user_id: first.candidateUser, created_at: 1_500 });
    expect(await count("users WHERE id = ?", second.candidateUser)).toBe(0);
    expect(await count("bindings WHERE openid = ? AND created_at = 1000 AND seen_at = 1500", first.openid)).toBe(1);
  });

  it("keeps openids of different accounts apart", async () => {
    const first = newLogin();
    await record(first);
    const second = newLogin({ openid: first.openid, appId: "wxfedcba9876543210" });
    expect((await record(second))?.user_id).toBe(second.candidateUser);
  });

  it("keeps the first outcome of a state", async () => {
    const first = newLogin();
    await record(first);
    await record(newLogin({ openid: first.openid, state: first.state }));
    await recordSnapshot(db, first.state, 1_000, 2_000);
    expect(await readLogin(db, first.state, 2_000)).toMatchObject({
      ok: true,
      value: { outcome: "session", session: { sid: first.sid } },
    });
  });

  it("ends the replaced session only when the new one is there", async () => {
    const first = newLogin();
    const user = (await record(first))?.user_id;
    await record(newLogin({ openid: first.openid, replacedSid: first.sid, now: 1_200 }));
    expect(await readSession(db, first.sid)).toMatchObject({ value: { ended_at: 1_200 } });

    const other = newLogin();
    await record(other);
    await db.prepare("INSERT INTO blocks VALUES ('shop.example.com', ?, 1)").bind(user).run();
    expect(await record(newLogin({ openid: first.openid, replacedSid: other.sid }))).toBeNull();
    expect(await readSession(db, other.sid)).toMatchObject({ value: { ended_at: null } });
  });

  it("gives a blocked user no session on that site, and one elsewhere", async () => {
    const first = newLogin();
    await record(first);
    await db.prepare("INSERT INTO blocks VALUES ('shop.example.com', ?, 1)").bind(first.candidateUser).run();
    const blocked = newLogin({ openid: first.openid });
    expect(await record(blocked)).toBeNull();
    expect(await count("sessions WHERE sid = ?", blocked.sid)).toBe(0);
    expect(await readLogin(db, blocked.state, 2_000)).toEqual({
      ok: true,
      value: { outcome: "blocked", session: null },
    });
    expect(await record(newLogin({ openid: first.openid, site: "b.example.com" }))).not.toBeNull();
    expect(await readSession(db, first.sid)).toMatchObject({ value: { blocked: 1 } });
  });

  const profile = { nickname: "小明", avatar: "https://a.example/x", unionid: `o${id()}` };

  it("stores a consented profile whole, and keeps it at the next silent login", async () => {
    const first = newLogin({ profile, amr: "consent" });
    expect(await record(first)).toMatchObject({ ...profile, profile_at: 1_000, amr: "consent" });
    const second = newLogin({ openid: first.openid, now: 1_800 });
    expect(await record(second)).toMatchObject({ ...profile, profile_at: 1_000, amr: "silent" });
  });

  it("keeps a known unionid when a later profile has none, and takes none that another openid has", async () => {
    const owner = newLogin({ profile: { ...profile, unionid: `o${id()}` } });
    const unionid = (await record(owner))?.unionid;
    expect((await record(newLogin({ openid: owner.openid, profile: { ...profile, unionid: null } })))?.unionid).toBe(
      unionid,
    );
    const other = newLogin({ profile: { ...profile, unionid: unionid ?? null, nickname: "另一个" } });
    expect(await record(other)).toMatchObject({ unionid: null, nickname: "另一个" });
    const elsewhere = newLogin({ appId: "wxfedcba9876543210", profile: { ...profile, unionid: unionid ?? null } });
    expect((await record(elsewhere))?.unionid).toBe(unionid);
  });

  it("is one transaction: when a statement fails, nothing of the login is there", async () => {
    const taken = newLogin();
    await record(taken);
    const broken = newLogin({ sid: taken.sid });
    expect((await recordLogin(db, broken, 2_000)).ok).toBe(false);
    expect(await count("bindings WHERE openid = ?", broken.openid)).toBe(0);
    expect(await count("users WHERE id = ?", broken.candidateUser)).toBe(0);
    expect(await count("logins WHERE state = ?", broken.state)).toBe(0);
  });

  it("of the same new person many times at once makes one user", async () => {
    const openid = `o${id()}`;
    const users = await Promise.all(Array.from({ length: 20 }, () => record(newLogin({ openid }))));
    expect(new Set(users.map((row) => row?.user_id)).size).toBe(1);
    expect(await count("users WHERE id IN (SELECT user_id FROM bindings WHERE openid = ?)", openid)).toBe(1);
  });
});

describe("ending and reading", () => {
  it("ends a session once: a later end does not move the first", async () => {
    const login = newLogin();
    await record(login);
    await endSession(db, login.sid, 1_100);
    await endSession(db, login.sid, 1_200);
    expect(await readSession(db, login.sid)).toMatchObject({ ok: true, value: { ended_at: 1_100 } });
  });

  it("finds nothing for a sid or a state that there is not", async () => {
    expect(await readSession(db, id())).toEqual({ ok: true, value: null });
    expect(await readLogin(db, id(), 2_000)).toEqual({ ok: true, value: null });
  });

  it("makes a value of an exception, and of an answer that takes too long", async () => {
    expect(await stored(() => Promise.reject(new Error("D1_ERROR: gone")))).toEqual({
      ok: false,
      detail: "D1_ERROR: gone",
    });
    expect(await stored(() => Promise.reject("text"))).toEqual({ ok: false, detail: "text" });
    expect((await stored(() => new Promise(() => undefined), 1)).ok).toBe(false);
    expect((await stored(() => new Promise(() => undefined), -5)).ok).toBe(false);
    expect(await stored(() => Promise.resolve(7), 1_000)).toEqual({ ok: true, value: 7 });
  });
});
