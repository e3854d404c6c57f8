import { describe, expect, it } from "vitest";
import type { Attempt, Marker } from "./attempt.ts";
import type { CallbackParameters } from "./callback-parameters.ts";
import { type CallbackFacts, judgeCallback } from "./judge-callback.ts";

/** The order of design 7.3, over everything that a callback can be. */

const STATE = "A".repeat(31);
const parametersOf = (digit: number, code: string | null): CallbackParameters => ({
  state: `${STATE}${digit}`,
  code,
  site: "shop.example.com",
  returnTo: "/hint",
});
const attemptOf = (scope: Attempt["scope"]): Attempt => ({
  kind: "open",
  state: `${STATE}0`,
  to: "/cookie",
  scope,
  tries: 0,
  startedAt: 1,
  purpose: "login",
});
const markerOf = (kind: Marker["kind"], tries: number): Marker => ({ ...attemptOf("base"), kind, tries });

const PARAMETERS = [null, ...[0, 1, 2].flatMap((digit) => [parametersOf(digit, "code"), parametersOf(digit, null)])];
const SITES: CallbackFacts["site"][] = ["own", "another", "unknown"];
const ATTEMPTS = [null, attemptOf("base"), attemptOf("userinfo"), markerOf("done", 2), markerOf("paused", 0)];
const ALL: CallbackFacts[] = PARAMETERS.flatMap((parameters) =>
  SITES.flatMap((site) =>
    ATTEMPTS.flatMap((attempt) =>
      [true, false].flatMap((hasLiveSession) =>
        [0, 2].map((triesHeld) => ({ parameters, site, attempt, hasLiveSession, triesHeld })),
      ),
    ),
  ),
);
const stepsOf = (filter: (facts: CallbackFacts) => boolean) => ALL.filter(filter).map(judgeCallback);
/** The browser's own cookie tells before the URL does. */
const returnsTo = ({ attempt }: CallbackFacts) => (attempt === null ? "/hint" : "/cookie");
const isOurs = ({ parameters, site }: CallbackFacts) => parameters !== null && site === "own";

describe("a callback", () => {
  it("(a) is malformed before anything else counts: bad parameters, or a site that is none of ours", () => {
    const steps = stepsOf(({ parameters, site }) => parameters === null || site === "unknown");
    expect(steps.length).toBeGreaterThan(0);
    for (const step of steps) expect(step).toEqual({ kind: "malformed" });
  });

  it("(b) goes on to the host that it names, whatever this browser holds here", () => {
    const steps = stepsOf(({ parameters, site }) => parameters !== null && site === "another");
    for (const step of steps) expect(step).toEqual({ kind: "relay", host: "shop.example.com" });
  });

  it("(c) without a code is refused, with a session or without; the attempt tells where and for what", () => {
    for (const facts of ALL.filter((one) => isOurs(one) && one.parameters?.code === null)) {
      const open = facts.attempt?.kind === "open" ? facts.attempt : null;
      expect(judgeCallback(facts)).toEqual({
        kind: "refused",
        to: returnsTo(facts),
        scope: open?.scope ?? "base",
      });
    }
  });

  it("(d) with its open attempt is exchanged, with a session or without", () => {
    for (const facts of ALL.filter((one) => isOurs(one) && one.parameters?.code !== null)) {
      const step = judgeCallback(facts);
      expect(step.kind === "exchange").toBe(facts.attempt?.kind === "open");
      if (step.kind === "exchange") expect(step).toMatchObject({ attempt: facts.attempt, code: "code" });
    }
  });

  it("(e) without an open attempt goes on where marker or hint say for whoever is signed in, or anonymous after a failure", () => {
    const such = ALL.filter(
      (one) =>
        isOurs(one) &&
        one.parameters?.code !== null &&
        one.attempt?.kind !== "open" &&
        (one.hasLiveSession || one.attempt?.kind === "paused"),
    );
    expect(such.length).toBeGreaterThan(0);
    for (const facts of such) expect(judgeCallback(facts)).toEqual({ kind: "go_on", to: returnsTo(facts) });
  });

  it("(f) starts afresh otherwise, one try further than the larger of cookies and digit", () => {
    for (const facts of ALL) {
      const step = judgeCallback(facts);
      if (step.kind !== "restart") continue;
      expect(facts.hasLiveSession).toBe(false);
      const digit = Number(facts.parameters?.state.slice(-1));
      expect(step).toEqual({ kind: "restart", to: returnsTo(facts), tries: Math.max(digit, facts.triesHeld) + 1 });
    }
  });

  it("is never exchanged for a browser without the attempt", () => {
    const steps = stepsOf(({ attempt }) => attempt?.kind !== "open");
    expect(steps.filter(({ kind }) => kind === "exchange")).toEqual([]);
  });
});
