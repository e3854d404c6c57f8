import type { ApiScope } from "../config/config.ts";
import { IMPORT_ROWS_MAX } from "../storage/import-batch.ts";
import {
  cursorOf,
  eventKind,
  flag,
  limitOf,
  listOf,
  moment,
  optional,
  PAGE_FIELDS,
  sessionId,
  siteUserId,
  userId,
  wechatId,
} from "./fields.ts";
import type { Fields } from "./input.ts";

/**
 * The endpoints of the management API as their callers see them: the router, the parser of every input and the OpenAPI
 * document are made from this table. Its words are in `openapi-reference.ts`. Nothing here needs the Worker.
 */

export type Method = "GET" | "PUT" | "POST" | "DELETE";
export type Contract = {
  method: Method;
  /** Under {@link API_BASE}; `:name` is a parameter. */
  path: string;
  scope: ApiScope;
  params?: Fields;
  query?: Fields;
  /** A JSON object's fields; without it, a body is not looked at. */
  body?: Fields;
};

export const API_BASE = "/_wx/api/v1";

const ofUser = { params: { user: userId } };

export const LOOKUPS = {
  user: optional(userId),
  openid: optional(wechatId),
  unionid: optional(wechatId),
  site_user: optional(siteUserId),
} as const;
const USER_FILTERS = { blocked: flag, bound: flag, seen_since: moment };
const EVENT_FILTERS = { user: optional(userId), kind: optional(eventKind), since: moment };

/** Rows are judged one by one: a bad one does not keep the others out. */
const importRows = listOf(IMPORT_ROWS_MAX, "rows");

export const CONTRACT = {
  listUsers: {
    method: "GET",
    path: "/users",
    scope: "read",
    query: { ...LOOKUPS, ...USER_FILTERS, ...PAGE_FIELDS },
  },
  getUser: { method: "GET", path: "/users/:user", scope: "read", ...ofUser },
  deleteUser: { method: "DELETE", path: "/users/:user", scope: "write", ...ofUser },
  bindSiteUser: {
    method: "PUT",
    path: "/users/:user/site_user",
    scope: "write",
    ...ofUser,
    body: { site_user: siteUserId },
  },
  unbindSiteUser: { method: "DELETE", path: "/users/:user/site_user", scope: "write", ...ofUser },
  blockUser: { method: "PUT", path: "/users/:user/block", scope: "write", ...ofUser, body: {} },
  unblockUser: { method: "DELETE", path: "/users/:user/block", scope: "write", ...ofUser },
  listSessions: { method: "GET", path: "/users/:user/sessions", scope: "read", ...ofUser, query: PAGE_FIELDS },
  endSessions: { method: "DELETE", path: "/users/:user/sessions", scope: "write", ...ofUser },
  endSession: { method: "DELETE", path: "/sessions/:sid", scope: "write", params: { sid: sessionId } },
  listEvents: { method: "GET", path: "/events", scope: "read", query: { ...EVENT_FILTERS, ...PAGE_FIELDS } },
  importBindings: { method: "POST", path: "/import", scope: "write", body: { rows: importRows } },
  exportBindings: {
    method: "GET",
    path: "/export",
    scope: "read",
    // An openid of 128 characters makes a longer cursor than those of the other lists.
    query: { limit: limitOf(1_000, 1_000), cursor: cursorOf(256) },
  },
  getOpenapi: { method: "GET", path: "/openapi.json", scope: "read" },
} as const satisfies Record<string, Contract>;

export type EndpointName = keyof typeof CONTRACT;
