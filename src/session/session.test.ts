import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SessionRow } from "../storage/d1.ts";
import { sessionFromRow } from "./from-row.ts";
import { checkState, isAlive, parseSession, renewalIsDue, type Session, serializeSession } from "./session.ts";

const NOW = 1_800_000_000;
const CLOCK = { lifetimeSeconds: 86_400, renewSeconds: 7_200, recheckSeconds: 300 };
const SESSION: Session = {
  sid: "a".repeat(26),
  user: `wxu_${"b".repeat(26)}`,
  openid: "oSomebody",
  unionid: null,
  siteUser: null,
  nickname: null,
  avatar: null,
  level: "login",
  amr: "silent",
  signedInAt: NOW,
  checkedAt: NOW,
  renewNotBefore: 0,
};

describe("a session in its cookie", () => {
  it("comes back in every detail", () => {
    const text = (maxLength: number) => fc.string({ minLength: 1, maxLength });
    const anySession = fc.record({
      sid: fc.stringMatching(/^[a-z2-7]{26}$/),
      user: fc.stringMatching(/^wxu_[a-z2-7]{26}$/),
      openid: text(128),
      unionid: fc.option(text(128)),
      siteUser: fc.option(text(128)),
      nickname: fc.option(text(256)),
      avatar: fc.option(text(512)),
      level: fc.constantFrom("login", "profile"),
      amr: fc.constantFrom("silent", "consent"),
      signedInAt: fc.maxSafeNat(),
      checkedAt: fc.maxSafeNat(),
      renewNotBefore: fc.maxSafeNat(),
    });
    fc.assert(
      fc.property(anySession, (session) => {
        expect(parseSession(serializeSession(session))).toEqual(session);
      }),
      { numRuns: 200 },
    );
  });

  it("is nothing when a field is missing, added, or of another kind", () => {
    const tuple: unknown[] = JSON.parse(serializeSession(SESSION));
    expect(parseSession(JSON.stringify(tuple))).toEqual(SESSION);
    for (let field = 0; field < tuple.length; field++) {
      expect(parseSession(JSON.stringify(tuple.toSpliced(field, 1)))).toBeNull();
      for (const odd of [{}, [], true, -1, 0.5, "", "\u0000".repeat(2_000)]) {
        expect(parseSession(JSON.stringify(tuple.with(field, odd)))).toBeNull();
      }
    }
    expect(parseSession(JSON.stringify([...tuple, 0]))).toBeNull();
  });
});

describe("its clock", () => {
  it.each([
    ["just signed in", 0, true],
    ["one second before its end", 86_399, true],
    ["at its end", 86_400, false],
    ["signed in within the clocks' difference ahead", -60, true],
    ["signed in further ahead", -61, false],
  ])("%s: alive = %s", (_, age, alive) => {
    expect(isAlive(SESSION, CLOCK, NOW + age)).toBe(alive);
  });

  it.each([
    [0, "fresh"],
    [299, "fresh"],
    [300, "due"],
    [599, "due"],
    [600, "overdue"],
    [1e9, "overdue"],
    [-60, "fresh"],
    [-61, "overdue"],
  ])("checked %i seconds ago is %s", (age, state) => {
    expect(checkState(NOW - age, CLOCK, NOW)).toBe(state);
  });

  it.each([
    ["before its time", 7_199, 0, false],
    ["at its time", 7_200, 0, true],
    ["put off, before that moment", 7_200, 7_201, false],
    ["put off, at that moment", 7_201, 7_201, true],
  ])("renewal %s", (_, age, putOffUntil, due) => {
    const renewNotBefore = putOffUntil === 0 ? 0 : NOW + putOffUntil;
    expect(renewalIsDue({ ...SESSION, renewNotBefore }, CLOCK, NOW + age)).toBe(due);
  });
});

describe("a session from D1's row", () => {
  const SITE = { profileMaxAge: 30 * 24 * 60 * 60, storeProfile: true };
  const ROW: SessionRow = {
    sid: SESSION.sid,
    user_id: SESSION.user,
    app_id: "wx0123456789abcdef",
    openid: "oSomebody",
    amr: "consent",
    created_at: NOW - 100,
    ended_at: null,
    unionid: "oUnion",
    nickname: " 小\u0007明\ue001 ",
    avatar: "http://thirdwx.qlogo.cn/x/132",
    profile_at: NOW - 10,
    bound_at: NOW - 1_000,
    not_now_until: null,
    site_user: "customer-1",
    blocked: 0,
  };

  it("is checked now, signed in when the row was written, and carries a header's nickname and avatar", () => {
    expect(sessionFromRow(ROW, NOW, SITE, null)).toEqual({
      sid: SESSION.sid,
      user: SESSION.user,
      openid: "oSomebody",
      unionid: "oUnion",
      siteUser: "customer-1",
      nickname: "小明",
      avatar: "https://thirdwx.qlogo.cn/x/132",
      level: "profile",
      amr: "consent",
      signedInAt: NOW - 100,
      checkedAt: NOW,
      renewNotBefore: 0,
    });
  });

  it.each([
    ["never", null, "login"],
    ["just now", NOW, "profile"],
    ["a second less than 30 days ago", NOW - SITE.profileMaxAge + 1, "profile"],
    ["30 days ago", NOW - SITE.profileMaxAge, "login"],
  ])("whose profile was read %s is a `%s` session", (_, profile_at, level) => {
    expect(sessionFromRow({ ...ROW, profile_at }, NOW, SITE, null).level).toBe(level);
  });
});
