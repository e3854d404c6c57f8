import type * as v from "valibot";
import { eventPage, sessionPage, user, userPage } from "./answers.ts";
import type { ProblemCode } from "./problems.ts";
import type { Method, ROUTES } from "./routes.ts";

/** What the OpenAPI document says of each endpoint beside its schemas. Not imported by the Worker. */

type Routes = typeof ROUTES;
type Operation = {
  [Path in keyof Routes & string]: `${keyof Routes[Path] & Method} ${Path}`;
}[keyof Routes & string];

export type OperationWords = {
  id: string;
  summary: string;
  /** The answer to success; `null` = 204 without a body. */
  answer: { words: string; schema: v.GenericSchema | null } | null;
  /** Problems of its own; those that every endpoint has are added. */
  problems?: readonly ProblemCode[];
};

export const OPERATIONS: Readonly<Record<Operation, OperationWords>> = {
  "GET /users": {
    id: "listUsers",
    summary: "List the site's users, or look one up by user, openid, unionid or site_user.",
    answer: { words: "Users in the order of their ids.", schema: userPage },
  },
  "GET /users/:user": {
    id: "getUser",
    summary: "One user.",
    answer: { words: "The user.", schema: user },
    problems: ["user_unknown"],
  },
  "DELETE /users/:user": {
    id: "deleteUser",
    summary: "Delete a user with every trace on all sites of the deployment; of its events, counts are kept.",
    answer: null,
  },
  "PUT /users/:user/site_user": {
    id: "bindSiteUser",
    summary: "Bind the site's own id to a user. It is in X-WX-SITE-USER within the site's recheck.",
    answer: { words: "The user as it is now.", schema: user },
    problems: ["user_unknown", "site_user_taken"],
  },
  "DELETE /users/:user/site_user": {
    id: "unbindSiteUser",
    summary: "Unbind the site's own id.",
    answer: null,
  },
  "PUT /users/:user/block": {
    id: "blockUser",
    summary: "Block a user on this site. Sessions are out within the site's recheck.",
    answer: { words: "The user as it is now.", schema: user },
    problems: ["user_unknown"],
  },
  "DELETE /users/:user/block": {
    id: "unblockUser",
    summary: "Unblock a user on this site.",
    answer: null,
  },
  "GET /users/:user/sessions": {
    id: "listSessions",
    summary: "The user's live sessions on this site.",
    answer: { words: "Sessions in the order of their sids.", schema: sessionPage },
    problems: ["user_unknown"],
  },
  "DELETE /users/:user/sessions": {
    id: "endSessions",
    summary: "End all sessions of a user on this site, within its recheck.",
    answer: null,
  },
  "DELETE /sessions/:sid": {
    id: "endSession",
    summary: "End one session of this site, within its recheck.",
    answer: null,
  },
  "GET /events": {
    id: "listEvents",
    summary: "The site's events, newest first.",
    answer: { words: "Events.", schema: eventPage },
  },
  "GET /openapi.json": {
    id: "getOpenapi",
    summary: "This document.",
    answer: { words: "OpenAPI 3.1.", schema: null },
  },
};

/** What a parameter or a body's field means; its form is in its schema. */
export const FIELD_WORDS: Readonly<Record<string, string>> = {
  user: "wxgate's user id: X-WX-USER, and sub of the assertion. A merged user's stands for the older one.",
  sid: "The session's id: sid of the assertion.",
  openid: "At the site's AppID.",
  unionid: "Of the Open Platform account.",
  site_user: "The site's own id for the user.",
  blocked: "Only users who are, or are not, blocked on this site.",
  bound: "Only users with, or without, a site user.",
  seen_since: "Only users who signed in at this moment or later, in Unix seconds.",
  since: "Only events of this moment or later, in Unix seconds.",
  kind: "Only events of this kind.",
  limit: "How many at most.",
  cursor: "next_cursor of the page before.",
};
