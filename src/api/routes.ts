import { bindSiteUser } from "./bind-site-user.ts";
import { blockUser } from "./block-user.ts";
import { deleteUser } from "./delete-user.ts";
import { endSession } from "./end-session.ts";
import { endSessions } from "./end-sessions.ts";
import type { Endpoint } from "./endpoint.ts";
import { getUser } from "./get-user.ts";
import { listEvents } from "./list-events.ts";
import { listSessions } from "./list-sessions.ts";
import { listUsers } from "./list-users.ts";
import { openapi } from "./openapi.ts";
import { unbindSiteUser } from "./unbind-site-user.ts";
import { unblockUser } from "./unblock-user.ts";

export type Method = "GET" | "PUT" | "POST" | "DELETE";

/** Every endpoint, by its path under {@link API_BASE}. What the OpenAPI document says of each is in `openapi-reference.ts`. */
export const ROUTES = {
  "/users": { GET: listUsers },
  "/users/:user": { GET: getUser, DELETE: deleteUser },
  "/users/:user/site_user": { PUT: bindSiteUser, DELETE: unbindSiteUser },
  "/users/:user/block": { PUT: blockUser, DELETE: unblockUser },
  "/users/:user/sessions": { GET: listSessions, DELETE: endSessions },
  "/sessions/:sid": { DELETE: endSession },
  "/events": { GET: listEvents },
  "/openapi.json": { GET: openapi },
} as const satisfies Record<string, Partial<Record<Method, Endpoint>>>;

export const API_BASE = "/_wx/api/v1";
