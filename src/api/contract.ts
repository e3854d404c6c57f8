import type { ApiScope } from "../config/config.ts";
import { readCursor } from "../storage/export.ts";
import { IMPORT_ROWS_MAX } from "../storage/import-batch.ts";
import {
  cursorOf,
  eventKind,
  flag,
  limitOf,
  listOf,
  moment,
  optional,
  pageOf,
  readEventPlace,
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
  params?: Fields;
  query?: Fields;
  /** Parameters of which a query has one at most. */
  exclusive?: readonly string[];
  /** A JSON object's fields; without it, a body is not looked at. */
  body?: Fields;
  /** Without it, far more than any of our objects. */
  bodyMaxBytes?: number;
};

/** What a key must be good for. */
export const scopeOf = ({ method }: Contract): ApiScope => (method === "GET" ? "read" : "write");

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
    query: { ...LOOKUPS, ...USER_FILTERS, ...pageOf(userId.read) },
    exclusive: Object.keys(LOOKUPS),
  },
  getUser: { method: "GET", path: "/users/:user", ...ofUser },
  deleteUser: { method: "DELETE", path: "/users/:user", ...ofUser },
  bindSiteUser: {
    method: "PUT",
    path: "/users/:user/site_user",
    ...ofUser,
    body: { site_user: siteUserId },
  },
  unbindSiteUser: { method: "DELETE", path: "/users/:user/site_user", ...ofUser },
  blockUser: { method: "PUT", path: "/users/:user/block", ...ofUser, body: {} },
  unblockUser: { method: "DELETE", path: "/users/:user/block", ...ofUser },
  listSessions: { method: "GET", path: "/users/:user/sessions", ...ofUser, query: pageOf(sessionId.read) },
  endSessions: { method: "DELETE", path: "/users/:user/sessions", ...ofUser },
  endSession: { method: "DELETE", path: "/sessions/:sid", params: { sid: sessionId } },
  listEvents: { method: "GET", path: "/events", query: { ...EVENT_FILTERS, ...pageOf(readEventPlace) } },
  importBindings: { method: "POST", path: "/import", body: { rows: importRows }, bodyMaxBytes: 1_048_576 },
  exportBindings: {
    method: "GET",
    path: "/export",
    // An openid of 128 characters makes a longer cursor than those of the other lists.
    query: { limit: limitOf(1_000, 1_000), cursor: cursorOf(readCursor, /^[\w-]{1,256}$/) },
  },
  getOpenapi: { method: "GET", path: "/openapi.json" },
} as const satisfies Record<string, Contract>;

export type EndpointName = keyof typeof CONTRACT;
