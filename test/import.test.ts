import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { importBindings } from "../src/storage/import.ts";
import type { ImportRow } from "../src/storage/import-row.ts";
import { WAVES_MAX } from "../src/storage/import-waves.ts";
import { RUNS } from "./support/fuzz.ts";
import { database, rows } from "./support/setting.ts";
import { APP_ID, HOST, OTHER_APP_ID } from "./support/world.ts";

/** Imports against real D1: what is stored, what is refused, and that nothing is stored by half. */

const NOW = 1_700_000_000;
const SOURCE = { site: HOST, actor: "api:crm", malformed: 0 };

let drawn = 0;
/** A word that no other test uses. */
const word = (start: string) => `${start}${++drawn}`;

const row = (more: Partial<ImportRow> = {}): ImportRow => ({
  openid: word("openid-"),
  appId: APP_ID,
  unionid: null,
  siteUser: null,
  nickname: null,
  ...more,
});

async function store(batch: readonly ImportRow[], { now = NOW, site = HOST, db = database } = {}) {
  const stored = await importBindings(db, { ...SOURCE, site }, batch, now);
  if (!stored.ok) throw new Error(stored.detail);
  return stored.value;
}

type BindingRow = { user_id: string; unionid: string | null; nickname: string | null; profile_at: number | null };
async function binding({ appId, openid }: ImportRow): Promise<BindingRow | undefined> {
  return (await rows<BindingRow>("SELECT * FROM bindings WHERE app_id = ? AND openid = ?", appId, openid))[0];
}

const userOf = async (one: ImportRow) => (await binding(one))?.user_id;

async function siteUserOf(one: ImportRow, site = HOST): Promise<string | undefined> {
  const found = await rows<{ site_user: string }>(
    "SELECT site_user FROM site_users WHERE site = ? AND user_id = ?",
    site,
    (await userOf(one)) ?? "",
  );
  return found[0]?.site_user;
}

const ORPHANS = `
  SELECT (SELECT count(*) FROM users u WHERE NOT EXISTS (SELECT 1 FROM bindings b WHERE b.user_id = u.id)) AS users,
    (SELECT count(*) FROM bindings b WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.id = b.user_id)) AS bindings,
    (SELECT count(*) FROM site_users s WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.id = s.user_id)) AS site_users,
    (SELECT count(*) FROM joins) AS joins`;
const expectWhole = async () =>
  expect(await rows(ORPHANS)).toEqual([{ users: 0, bindings: 0, site_users: 0, joins: 0 }]);

describe("an import", () => {
  it("stores binding, user, unionid, site user and nickname; consent is not implied", async () => {
    const one = row({ unionid: word("u-"), siteUser: word("s-"), nickname: "小明 “\u0001”" });
    expect(await store([one])).toEqual({ created: 1, newUsers: 1, updated: 0, siteUsers: 1, refused: [] });
    expect(await binding(one)).toMatchObject({
      user_id: expect.stringMatching(/^wxu_[a-z2-7]{26}$/),
      unionid: one.unionid,
      nickname: one.nickname,
      profile_at: null,
      created_at: NOW,
      seen_at: NOW,
    });
    expect(await siteUserOf(one)).toBe(one.siteUser);
    expect(await rows("SELECT created_at FROM users WHERE id = ?", (await userOf(one)) ?? "")).toEqual([
      { created_at: NOW },
    ]);
  });

  it("is safe to repeat: nothing changes, and nothing is made", async () => {
    const batch = Array.from({ length: 50 }, () => row({ unionid: word("u-"), siteUser: word("s-"), nickname: "a" }));
    await store(batch);
    const users = await Promise.all(batch.map(userOf));
    expect(await store(batch, { now: NOW + 9 })).toEqual({
      created: 0,
      newUsers: 0,
      updated: 0,
      siteUsers: 0,
      refused: [],
    });
    expect(await Promise.all(batch.map(userOf))).toEqual(users);
    expect(await binding(batch[0] ?? row())).toMatchObject({ created_at: NOW, seen_at: NOW });
  });

  it("writes one event a batch, with counts", async () => {
    const taken = row({ siteUser: word("s-") });
    await store([taken]);
    const before = (await rows("SELECT 1 FROM events WHERE kind = 'import'")).length;
    await importBindings(
      database,
      { ...SOURCE, malformed: 2 },
      [row(), row(), row({ siteUser: taken.siteUser })],
      NOW + 1,
    );
    const events = await rows("SELECT * FROM events WHERE kind = 'import' ORDER BY id");
    expect(events).toHaveLength(before + 1);
    expect(events.at(-1)).toMatchObject({ at: NOW + 1, site: HOST, user_id: null, actor: "api:crm" });
    expect(JSON.parse(String(events.at(-1)?.detail))).toEqual({ rows: 5, refused: 3 });
  });

  it("adds what a known binding lacks, and overwrites nothing with nothing", async () => {
    const bare = row();
    await store([bare]);
    const more = { ...bare, unionid: word("u-"), siteUser: word("s-"), nickname: "first" };
    expect(await store([more])).toEqual({ created: 0, newUsers: 0, updated: 1, siteUsers: 1, refused: [] });
    expect(await store([bare])).toMatchObject({ updated: 0, siteUsers: 0, refused: [] });
    expect(await binding(bare)).toMatchObject({ unionid: more.unionid, nickname: "first" });
    expect(await siteUserOf(bare)).toBe(more.siteUser);
    expect(await store([{ ...bare, nickname: "second" }])).toMatchObject({ updated: 1 });
  });

  it("leaves the nickname of a consented profile alone: a file is older than that", async () => {
    const one = row({ nickname: "from the file" });
    await store([one]);
    await rows("UPDATE bindings SET nickname = 'of today', profile_at = 5 WHERE openid = ?", one.openid);
    expect(await store([one])).toMatchObject({ updated: 0 });
    expect(await binding(one)).toMatchObject({ nickname: "of today", profile_at: 5 });
  });

  it("keeps site users of different sites apart", async () => {
    const one = row({ siteUser: "1" });
    await store([one], { site: "a.example.com" });
    const other = row({ siteUser: "1" });
    await store([other, { ...one, siteUser: "2" }], { site: "b.example.com" });
    expect(await siteUserOf(one, "a.example.com")).toBe("1");
    expect(await siteUserOf(one, "b.example.com")).toBe("2");
    expect(await siteUserOf(other, "b.example.com")).toBe("1");
  });

  it("of nothing but malformed rows is an event and nothing else", async () => {
    const stored = await importBindings(database, { ...SOURCE, malformed: 7 }, [], NOW);
    expect(stored).toEqual({ ok: true, value: { created: 0, newUsers: 0, updated: 0, siteUsers: 0, refused: [] } });
  });
});

describe("one person with two accounts", () => {
  it("is one user, in two batches and in one", async () => {
    const unionid = word("u-");
    const [here, there] = [row({ unionid }), row({ unionid, appId: OTHER_APP_ID })];
    await store([here]);
    expect(await store([there])).toEqual({ created: 1, newUsers: 0, updated: 0, siteUsers: 0, refused: [] });
    expect(await userOf(there)).toBe(await userOf(here));

    const other = word("u-");
    const pair = [row({ unionid: other, siteUser: word("s-") }), row({ unionid: other, appId: OTHER_APP_ID })] as const;
    expect(await store(pair)).toMatchObject({ created: 2, newUsers: 1, refused: [] });
    expect(await userOf(pair[1])).toBe(await userOf(pair[0]));
    await expectWhole();
  });

  it("is not joined when both are users already: the row is refused, for the person's own login to join them", async () => {
    const unionid = word("u-");
    const known = row({ unionid });
    const late = row({ appId: OTHER_APP_ID });
    await store([known, late]);
    const { refused } = await store([{ ...late, unionid, nickname: "no trace" }]);
    expect(refused).toEqual([{ row: 0, refusals: ["two_users"] }]);
    expect(await binding(late)).toMatchObject({ unionid: null, nickname: null });
  });
});

describe("a row that contradicts", () => {
  const cases: [string, (known: ImportRow) => ImportRow, string[]][] = [
    ["a second openid of one AppID with a known unionid", ({ unionid }) => row({ unionid }), ["unionid_taken"]],
    ["another unionid for a known openid", (known) => ({ ...known, unionid: word("u-") }), ["other_unionid"]],
    ["the site user of another user", ({ siteUser }) => row({ siteUser }), ["site_user_taken"]],
    ["another site user for a known user", (known) => ({ ...known, siteUser: word("s-") }), ["other_site_user"]],
    [
      "another site user by way of the unionid",
      ({ unionid }) => row({ unionid, appId: OTHER_APP_ID, siteUser: word("s-") }),
      ["other_site_user"],
    ],
    [
      "all of it at once",
      ({ unionid }) => row({ unionid, siteUser: word("s-") }),
      ["unionid_taken", "other_site_user"],
    ],
  ];

  it.each(cases)("is refused and leaves no trace: %s", async (_, contradict, refusals) => {
    const known = row({ unionid: word("u-"), siteUser: word("s-"), nickname: "known" });
    await store([known]);
    const before = await binding(known);
    const bad = { ...contradict(known), nickname: "no trace" };
    const good = row();
    expect(await store([bad, good])).toEqual({
      created: 1,
      newUsers: 1,
      updated: 0,
      siteUsers: 0,
      refused: [{ row: 0, refusals }],
    });
    expect(await binding(known)).toEqual(before);
    if (bad.openid !== known.openid) expect(await binding(bad)).toBeUndefined();
    expect(await siteUserOf(known)).toBe(known.siteUser);
    expect(await binding(good)).toBeDefined();
    await expectWhole();
  });

  it.each(cases)(
    "is refused within one batch as well, where the first row counts: %s",
    async (_, contradict, refusals) => {
      const first = row({ unionid: word("u-"), siteUser: word("s-"), nickname: "first" });
      const bad = { ...contradict(first), nickname: "no trace" };
      expect(await store([row(), first, bad])).toMatchObject({
        created: 2,
        newUsers: 2,
        refused: [{ row: 2, refusals }],
      });
      expect(await binding(first)).toMatchObject({ nickname: "first" });
      await expectWhole();
    },
  );

  it("is refused when two openids of one known user bring two site users", async () => {
    const unionid = word("u-");
    const pair = [row({ unionid }), row({ unionid, appId: OTHER_APP_ID })] as const;
    await store(pair);
    const siteUser = word("s-");
    const batch = [
      { ...pair[0], unionid: null, siteUser },
      { ...pair[1], unionid: null, siteUser: word("s-"), nickname: "no trace" },
    ];
    expect((await store(batch)).refused).toEqual([{ row: 1, refusals: ["other_site_user"] }]);
    expect(await siteUserOf(pair[0])).toBe(siteUser);
    expect(await binding(pair[1])).toMatchObject({ nickname: null });
  });

  it("a hundred rows about one person: some, then a request to send the others again", async () => {
    const one = row();
    const batch = Array.from({ length: 100 }, (_, index) => ({ ...one, nickname: `n${index}` }));
    const { refused } = await store(batch);
    expect(refused).toHaveLength(100 - WAVES_MAX);
    expect(refused[0]).toEqual({ row: WAVES_MAX, refusals: ["too_entangled"] });
    expect(await binding(one)).toMatchObject({ nickname: `n${WAVES_MAX - 1}` });
  });
});

describe("a batch", () => {
  it("takes 1,000 rows in one round trip", async () => {
    const batch = Array.from({ length: 1_000 }, () =>
      row({ unionid: word("u-"), siteUser: word("s-"), nickname: "名" }),
    );
    let trips = 0;
    const db = new Proxy(database, {
      get: (target, name) => {
        if (name === "batch") trips++;
        const value = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    expect(await store(batch, { db })).toEqual({
      created: 1_000,
      newUsers: 1_000,
      updated: 0,
      siteUsers: 1_000,
      refused: [],
    });
    expect(trips).toBe(1);
    await expectWhole();
  });

  it("leaves nothing behind when D1 fails at any of its statements", async () => {
    const taken = row({ siteUser: word("s-") });
    await store([taken]);
    const unionid = word("u-");
    const batch = [
      row({ unionid, siteUser: word("s-") }),
      row({ unionid, appId: OTHER_APP_ID }),
      row({ siteUser: taken.siteUser }),
    ];
    const tables = ["users", "bindings", "site_users", "events", "joins"];
    const count = () => Promise.all(tables.map((table) => rows(`SELECT count(*) AS n FROM ${table}`)));
    const before = await count();
    for (let at = 0, statements = 1; at <= statements; at++) {
      const failing = new Proxy(database, {
        get: (target, name) => {
          if (name !== "batch") return Reflect.get(target, name).bind(target);
          return (all: D1PreparedStatement[]) => {
            statements = all.length;
            // The user of nobody: fails by its check.
            const bad = target.prepare("INSERT INTO site_users VALUES ('x', 'x', '')");
            return target.batch(all.toSpliced(at, 0, bad));
          };
        },
      });
      expect((await importBindings(failing, SOURCE, batch, NOW)).ok).toBe(false);
      expect(await count()).toEqual(before);
    }
  });

  it("many times at once makes each user once", async () => {
    const batch = Array.from({ length: 20 }, () => row({ unionid: word("u-"), siteUser: word("s-") }));
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => store(batch)));
    expect(outcomes.reduce((sum, { newUsers }) => sum + newUsers, 0)).toBe(20);
    expect(outcomes.flatMap(({ refused }) => refused)).toEqual([]);
    await expectWhole();
  });

  it("leaves of refused rows exactly nothing, whatever the rows say", async () => {
    const few = (name: string, n: number) => fc.integer({ min: 1, max: n }).map((i) => `${name}${i}`);
    const anyRow = fc.record({
      appId: fc.constantFrom(APP_ID, OTHER_APP_ID),
      openid: few("o", 5),
      unionid: fc.option(few("u", 4)),
      siteUser: fc.option(few("s", 4)),
      nickname: fc.option(few("n", 2)),
    });
    /** Everything that a run left, without ids drawn at random. */
    const stateOf = async (prefix: string) => {
      const found = await rows<Record<string, unknown>>(
        `SELECT b.app_id, substr(b.openid, ?1) AS openid, substr(b.unionid, ?1) AS unionid, b.nickname, b.user_id,
           substr(s.site_user, ?1) AS site_user
         FROM bindings b LEFT JOIN site_users s ON s.site = ?3 AND s.user_id = b.user_id
         WHERE b.app_id IN (?4, ?5) AND b.openid >= ?2 AND b.openid < ?2 || '~' ORDER BY 1, 2`,
        prefix.length + 1,
        prefix,
        HOST,
        APP_ID,
        OTHER_APP_ID,
      );
      const users = [...new Set(found.map(({ user_id }) => user_id))];
      return found.map(({ user_id, ...rest }) => ({ ...rest, user: users.indexOf(user_id) }));
    };
    await fc.assert(
      fc.asyncProperty(fc.array(anyRow, { minLength: 1, maxLength: 12 }), async (batch) => {
        const under = (prefix: string, list: readonly ImportRow[]) =>
          list.map((one) => ({
            ...one,
            openid: prefix + one.openid,
            unionid: one.unionid === null ? null : prefix + one.unionid,
            siteUser: one.siteUser === null ? null : prefix + one.siteUser,
          }));
        const [all, accepted] = [word("p"), word("p")].map((prefix) => `${prefix}-`) as [string, string];
        const { refused } = await store(under(all, batch));
        const bad = new Set(refused.map((one) => one.row));
        const good = batch.filter((_, index) => !bad.has(index));
        expect((await store(under(accepted, good))).refused).toEqual([]);
        expect(await stateOf(all)).toEqual(await stateOf(accepted));
        expect(await store(under(all, good))).toMatchObject({ created: 0, newUsers: 0, refused: [] });
      }),
      { numRuns: Math.min(RUNS, 1_000) / 5 },
    );
    await expectWhole();
  });
});
