import type { Level } from "../config/config.ts";
import type { Client, RequestKind } from "./visitor.ts";

/** What the gateway knows of the browser's sign-in when it decides. */
export type SessionState =
  | "none"
  /** Signed out on this browser: silent sign-in pauses until a tap on sign in. */
  | "signed_out"
  /** WeChat failed for this browser within the last 10 minutes. */
  | "paused"
  | "login"
  | "profile"
  /** Signed in, but longer ago than `renew`: WeChat is asked again at the next navigation. */
  | "login_old"
  | "profile_old";

export type Action =
  | "forward_signed_in"
  | "forward_anonymous"
  | "start_login"
  | "renew"
  | "ask_profile"
  | "signed_out_page"
  | "outside_page"
  | "login_required"
  | "answer_preflight"
  /** A WebSocket from another site's page: decided before the table, on every level. */
  | "foreign_socket"
  | "denied";

/** HTTP status of each action's answer; `null` = the origin's own. For tests and documentation: not in the bundle. */
export const ACTION_STATUS: Record<Action, number | null> = {
  forward_signed_in: null,
  forward_anonymous: null,
  start_login: 302,
  renew: 302,
  ask_profile: 401,
  signed_out_page: 401,
  outside_page: 403,
  login_required: 401,
  answer_preflight: 204,
  foreign_socket: 403,
  denied: 403,
};

/** What a row does not name may be anything. */
type Row = {
  level: readonly Level[];
  client?: Client;
  kind?: readonly RequestKind[];
  session?: readonly SessionState[];
  action: Action;
};

/** Nobody passes without a sign-in. */
const GATED: readonly Level[] = ["login", "profile"];
const NAVIGATION: readonly RequestKind[] = ["navigation"];
const ANONYMOUS: readonly SessionState[] = ["none", "signed_out", "paused"];
const OLD: readonly SessionState[] = ["login_old", "profile_old"];
const LOGIN_ONLY: readonly SessionState[] = ["login", "login_old"];

/** The decision, first match wins. Tests and documentation are generated from this table. */
export const DECISIONS: readonly Row[] = [
  { level: ["deny"], action: "denied" },
  { level: ["open"], action: "forward_anonymous" },
  { level: ["optional"], session: ANONYMOUS, action: "forward_anonymous" },
  { level: ["optional"], action: "forward_signed_in" },
  // A preflight carries no cookie, so it could never pass a gated path as somebody.
  { level: GATED, kind: ["preflight"], action: "answer_preflight" },
  { level: ["auto"], client: "wechat", kind: NAVIGATION, session: ["none"], action: "start_login" },
  { level: ["auto"], session: ANONYMOUS, action: "forward_anonymous" },
  { level: GATED, client: "outside", kind: NAVIGATION, session: ANONYMOUS, action: "outside_page" },
  { level: GATED, client: "wechat", kind: NAVIGATION, session: ["signed_out"], action: "signed_out_page" },
  { level: GATED, client: "wechat", kind: NAVIGATION, session: ["none", "paused"], action: "start_login" },
  { level: GATED, session: ANONYMOUS, action: "login_required" },
  // A renewal comes before the profile question: it may bring the profile along.
  { level: ["auto", "login", "profile"], client: "wechat", kind: NAVIGATION, session: OLD, action: "renew" },
  { level: ["profile"], client: "wechat", kind: NAVIGATION, session: LOGIN_ONLY, action: "ask_profile" },
  { level: ["profile"], client: "outside", kind: NAVIGATION, session: LOGIN_ONLY, action: "outside_page" },
  { level: ["profile"], session: LOGIN_ONLY, action: "login_required" },
  { level: ["auto", "login", "profile"], action: "forward_signed_in" },
];

/**
 * The action where neither the client nor navigation makes a difference: then the usual request is not asked for them.
 * `null` = they do. Preflights and WebSockets are not meant.
 */
export function settledAction(level: Level, session: SessionState): Action | null {
  const key = `${level} ${session}`;
  const known = SETTLED.get(key);
  if (known !== undefined) return known;
  const actions = (["wechat", "outside"] as const).flatMap((client) =>
    (["navigation", "other"] as const).map((kind) => decide(level, client, kind, session)),
  );
  const [action = null] = actions;
  const settled = actions.every((other) => other === action) ? action : null;
  SETTLED.set(key, settled);
  return settled;
}

/** Of the table alone, a few dozen at most. */
const SETTLED = new Map<string, Action | null>();

/** What to do with a request; total over its four inputs, and it depends on nothing else. */
export function decide(level: Level, client: Client, kind: RequestKind, session: SessionState): Action {
  for (const row of DECISIONS) {
    const matches =
      row.level.includes(level) &&
      (row.client === undefined || row.client === client) &&
      (row.kind === undefined || row.kind.includes(kind)) &&
      (row.session === undefined || row.session.includes(session));
    if (matches) return row.action;
  }
  return "denied"; // fail closed; a test shows that no input gets here
}
