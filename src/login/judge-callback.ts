import { type Attempt, LAST_TRY, type Marker, triesInState } from "./attempt.ts";
import type { CallbackParameters } from "./callback-parameters.ts";

/** What to do with a callback, in the order of design 7.3; pure, so that the order can be tested to death. */
export type CallbackStep =
  | { kind: "malformed" }
  /** The login belongs to another host of this AppID. */
  | { kind: "relay"; host: string }
  | { kind: "refused"; to: string; scope: Attempt["scope"] }
  | { kind: "exchange"; attempt: Attempt; code: string }
  /** A replay, the back button, a shared link: the visitor is signed in already, or passes anonymously. */
  | { kind: "go_on"; to: string }
  | { kind: "restart"; to: string; tries: number };

export type CallbackFacts = {
  parameters: CallbackParameters | null;
  /** Whose callback it is, by its `site` parameter. */
  site: "own" | "another" | "unknown";
  /** Opened from this browser's cookie and equal in state. */
  attempt: Attempt | Marker | null;
  hasLiveSession: boolean;
  /** The most tries of any login that this browser holds: a callback that comes again and again must not loop. */
  triesHeld: number;
};

export function judgeCallback({ parameters, site, attempt, hasLiveSession, triesHeld }: CallbackFacts): CallbackStep {
  if (parameters === null || site === "unknown") return { kind: "malformed" };
  if (site === "another" && parameters.site !== null) return { kind: "relay", host: parameters.site };
  const to = attempt?.to ?? parameters.returnTo;
  if (parameters.code === null)
    return { kind: "refused", to, scope: attempt?.kind === "open" ? attempt.scope : "base" };
  if (attempt?.kind === "open") return { kind: "exchange", attempt, code: parameters.code };
  // WeChat has failed this `auto` login already, and its visitor goes on anonymously.
  if (hasLiveSession || attempt?.kind === "paused") return { kind: "go_on", to };
  return { kind: "restart", to, tries: Math.max(triesHeld, triesInState(parameters.state)) + 1 };
}

export function isLastTry(tries: number): boolean {
  return tries >= LAST_TRY;
}
