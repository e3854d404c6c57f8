import { PatternRouter } from "hono/router/pattern-router";
import type { Visit } from "../visit.ts";
import { authenticate } from "./authenticate.ts";
import { bindSiteUser } from "./bind-site-user.ts";
import { blockUser } from "./block-user.ts";
import { API_BASE, type EndpointName } from "./contract.ts";
import { deleteUser } from "./delete-user.ts";
import { endSession } from "./end-session.ts";
import { endSessions } from "./end-sessions.ts";
import type { Endpoint } from "./endpoint.ts";
import { exportBindings } from "./export-bindings.ts";
import { getOpenapi } from "./get-openapi.ts";
import { getUser } from "./get-user.ts";
import { importBindings } from "./import-bindings.ts";
import { listEvents } from "./list-events.ts";
import { listSessions } from "./list-sessions.ts";
import { listUsers } from "./list-users.ts";
import { keyProblem, problem } from "./problem-answer.ts";
import { unbindSiteUser } from "./unbind-site-user.ts";
import { unblockUser } from "./unblock-user.ts";

const ENDPOINTS: Readonly<Record<EndpointName, Endpoint>> = {
  listUsers,
  getUser,
  deleteUser,
  bindSiteUser,
  unbindSiteUser,
  blockUser,
  unblockUser,
  listSessions,
  endSessions,
  endSession,
  listEvents,
  importBindings,
  exportBindings,
  getOpenapi,
};

let compiled: PatternRouter<Endpoint> | null = null;

/** Compiled at its first use: most isolates never see a call. */
function router(): PatternRouter<Endpoint> {
  if (compiled !== null) return compiled;
  const fresh = new PatternRouter<Endpoint>();
  for (const one of Object.values(ENDPOINTS)) fresh.add("ALL", API_BASE + one.contract.path, one);
  compiled = fresh;
  return fresh;
}

/**
 * The management API: for the server side of the origin of the site on whose host it is called. Cookies and sessions
 * play no part, and without a key not even an endpoint's name is told.
 */
export async function managementApi(visit: Visit): Promise<Response> {
  const key = await authenticate(visit);
  if (key instanceof Response) return key;
  const [matches] = router().match("ALL", visit.path);
  // Exact paths only: the router would take a trailing slash as well.
  if (matches.length === 0 || visit.path.endsWith("/")) return problem(visit, "not_found");
  const isHead = visit.request.method === "HEAD";
  const method = isHead ? "GET" : visit.request.method;
  const match = matches.find(([{ contract }]) => contract.method === method);
  if (match === undefined) {
    const allowed = matches.map(([{ contract }]) => (contract.method === "GET" ? "GET, HEAD" : contract.method));
    return problem(visit, "method_refused", { headers: { Allow: allowed.join(", ") } });
  }
  const [endpoint, params] = match;
  const { scope } = endpoint.contract;
  if (!key.scopes.has(scope)) return keyProblem(visit, "key_lacks_scope", scope);
  const response = await endpoint.run(visit, key, params as Record<string, string>);
  return isHead ? new Response(null, response) : response;
}
