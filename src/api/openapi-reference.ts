import type * as v from "valibot";
import { eventPage, exportPage, importReport, sessionPage, user, userPage } from "./answers.ts";
import type { EndpointName } from "./contract.ts";
import type { ProblemCode } from "./problems.ts";

/** What the OpenAPI document says of each endpoint beside its schemas. Not imported by the Worker. */

export type OperationWords = {
  summary: string;
  /** The answer to success; `null` = 204 without a body. */
  answer: { words: string; schema: v.GenericSchema | null } | null;
  /** Problems of its own; those that every endpoint has are added. */
  problems?: readonly ProblemCode[];
};

export const OPERATIONS: Readonly<Record<EndpointName, OperationWords>> = {
  listUsers: {
    summary: "List the site's users, or look one up by user, openid, unionid or site_user.",
    answer: { words: "Users in the order of their ids.", schema: userPage },
  },
  getUser: {
    summary: "One user.",
    answer: { words: "The user.", schema: user },
    problems: ["user_unknown"],
  },
  deleteUser: {
    summary: "Delete a user with every trace on all sites of the deployment; of its events, counts are kept.",
    answer: null,
  },
  bindSiteUser: {
    summary: "Bind the site's own id to a user. It is in X-WX-SITE-USER within the site's recheck.",
    answer: { words: "The user as it is now.", schema: user },
    problems: ["user_unknown", "site_user_taken"],
  },
  unbindSiteUser: {
    summary: "Unbind the site's own id.",
    answer: null,
  },
  blockUser: {
    summary: "Block a user on this site. Sessions are out within the site's recheck.",
    answer: { words: "The user as it is now.", schema: user },
    problems: ["user_unknown"],
  },
  unblockUser: {
    summary: "Unblock a user on this site.",
    answer: null,
  },
  listSessions: {
    summary: "The user's live sessions on this site.",
    answer: { words: "Sessions in the order of their sids.", schema: sessionPage },
    problems: ["user_unknown"],
  },
  endSessions: {
    summary: "End all sessions of a user on this site, within its recheck.",
    answer: null,
  },
  endSession: {
    summary: "End one session of this site, within its recheck.",
    answer: null,
  },
  listEvents: {
    summary: "The site's events, newest first.",
    answer: { words: "Events.", schema: eventPage },
  },
  importBindings: {
    summary: "Store bindings of a system before this one. Safe to repeat.",
    answer: { words: "How many were stored, and why others were not.", schema: importReport },
  },
  exportBindings: {
    summary: "The site's bindings, in the form that importBindings takes.",
    answer: { words: "Bindings in the order of AppID and openid.", schema: exportPage },
  },
  getOpenapi: {
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
  seen_since: "Only users with a seen_at (login, until then import) of this moment or later, in Unix seconds.",
  since: "Only events of this moment or later, in Unix seconds.",
  kind: "Only events of this kind.",
  rows: "Objects of openid, appid, unionid, site_user, nickname; all but openid may be left out.",
  limit: "How many at most.",
  cursor: "next_cursor of the page before.",
};
