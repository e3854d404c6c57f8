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

/** HTTP status of each action's answer; `null` = the origin's own. */
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

type Row = {
  level: readonly Level[];
  client: Client | "any";
  kind: readonly RequestKind[] | "any";
  session: readonly SessionState[] | "any";
  action: Action;
};

const ANONYMOUS: readonly SessionState[] = ["none", "signed_out", "paused"];
const OLD: readonly SessionState[] = ["login_old", "profile_old"];
const LOGIN_ONLY: readonly SessionState[] = ["login", "login_old"];

/** The decision, first match wins. Tests and documentation are generated from this table. */
export const DECISIONS: readonly Row[] = [
  { level: ["deny"], client: "any", kind: "any", session: "any", action: "denied" },
  { level: ["open"], client: "any", kind: "any", session: "any", action: "forward_anonymous" },
  { level: ["optional"], client: "any", kind: "any", session: ANONYMOUS, action: "forward_anonymous" },
  { level: ["optional"], client: "any", kind: "any", session: "any", action: "forward_signed_in" },
  // A preflight carries no cookie, so it could never pass a gated path as somebody.
  { level: ["login", "profile"], client: "any", kind: ["preflight"], session: "any", action: "answer_preflight" },
  { level: ["auto"], client: "wechat", kind: ["navigation"], session: ["none"], action: "start_login" },
  { level: ["auto"], client: "any", kind: "any", session: ANONYMOUS, action: "forward_anonymous" },
  { level: ["login", "profile"], client: "outside", kind: ["navigation"], session: ANONYMOUS, action: "outside_page" },
  {
    level: ["login", "profile"],
    client: "wechat",
    kind: ["navigation"],
    session: ["signed_out"],
    action: "signed_out_page",
  },
  {
    level: ["login", "profile"],
    client: "wechat",
    kind: ["navigation"],
    session: ["none", "paused"],
    action: "start_login",
  },
  { level: ["login", "profile"], client: "any", kind: "any", session: ANONYMOUS, action: "login_required" },
  // A renewal comes before the profile question: it may bring the profile along.
  { level: ["auto", "login", "profile"], client: "wechat", kind: ["navigation"], session: OLD, action: "renew" },
  { level: ["profile"], client: "wechat", kind: ["navigation"], session: LOGIN_ONLY, action: "ask_profile" },
  { level: ["profile"], client: "outside", kind: ["navigation"], session: LOGIN_ONLY, action: "outside_page" },
  { level: ["profile"], client: "any", kind: "any", session: LOGIN_ONLY, action: "login_required" },
  { level: ["auto", "login", "profile"], client: "any", kind: "any", session: "any", action: "forward_signed_in" },
];

/** What to do with a request; total over its four inputs, and it depends on nothing else. */
export function decide(level: Level, client: Client, kind: RequestKind, session: SessionState): Action {
  for (const row of DECISIONS) {
    const matches =
      row.level.includes(level) &&
      (row.client === "any" || row.client === client) &&
      (row.kind === "any" || row.kind.includes(kind)) &&
      (row.session === "any" || row.session.includes(session));
    if (matches) return row.action;
  }
  return "denied"; // fail closed; a test shows that no input gets here
}
