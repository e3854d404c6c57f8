/** Everything one simulator remembers; nothing lives at module scope, so two simulators never meet. */

import type { App } from "./apps.ts";
import { makeApp } from "./apps.ts";
import type { Ticket } from "./authorize.ts";
import { BoundedMap } from "./bounded-map.ts";
import type { Call } from "./calls.ts";
import type { Fault } from "./faults.ts";
import type { Grant } from "./grants.ts";
import { DEFAULT_PERSON_ID, findPerson } from "./people.ts";

const CODES_KEPT = 100_000;
const TICKETS_KEPT = 1_000;

export type SimulatorOptions = {
  /** Accounts; none = any AppID `wx` + 16 hex digits with any secret. */
  apps?: readonly (Partial<App> & Pick<App, "appid">)[];
  /** Milliseconds, as `Date.now`. */
  now?: () => number;
  /** Who asks when neither header nor cookie says so. */
  person?: string;
};

export type Consent = "ask" | "allow" | "refuse";

/** One authorize request that was answered with a callback; for tests that look. */
export type Authorization = {
  person: string;
  appid: string;
  scope: string;
  state: string;
  code: string | null;
  callback: string;
  twin: boolean;
};

type IssuedCode = { grant: Grant; issuedAt: number; used: boolean };

export type SimulatorState = {
  readonly startNow: () => number;
  clockOffsetMs: number;
  apps: Map<string, App>;
  codes: BoundedMap<string, IssuedCode>;
  accessTokens: BoundedMap<string, { grant: Grant; expiresAt: number }>;
  refreshTokens: BoundedMap<string, { grant: Grant; expiresAt: number; accessToken: string }>;
  /** Consent pages under way. */
  tickets: BoundedMap<string, Ticket>;
  faults: Fault[];
  counts: Map<string, number>;
  calls: Call[];
  authorizations: Authorization[];
  personId: string;
  consent: Consent;
  /** The next authorize request is a snapshot visitor's, whoever asks. */
  snapshotOnce: boolean;
};

/** The state of a new simulator. */
export function createState(options: SimulatorOptions): SimulatorState {
  const personId = options.person ?? DEFAULT_PERSON_ID;
  if (findPerson(personId) === undefined) throw new Error(`unknown person: ${personId}`);
  return {
    startNow: options.now ?? Date.now,
    clockOffsetMs: 0,
    apps: new Map((options.apps ?? []).map((app) => [app.appid, makeApp(app)])),
    codes: new BoundedMap(CODES_KEPT),
    accessTokens: new BoundedMap(CODES_KEPT),
    refreshTokens: new BoundedMap(CODES_KEPT),
    tickets: new BoundedMap(TICKETS_KEPT),
    faults: [],
    counts: new Map(),
    calls: [],
    authorizations: [],
    personId,
    consent: "ask",
    snapshotOnce: false,
  };
}

/** The simulator's own time, in milliseconds. */
export function nowOf(state: SimulatorState): number {
  return state.startNow() + state.clockOffsetMs;
}
