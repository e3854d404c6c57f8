import { PatternRouter } from "hono/router/pattern-router";
import type { Visit } from "../visit.ts";
import { authenticate } from "./authenticate.ts";
import { bindSiteUser } from "./bind-site-user.ts";
import { blockUser } from "./block-user.ts";
import { API_BASE, CONTRACT, type Contract, type EndpointName, scopeOf } from "./contract.ts";
import { deleteUser } from "./delete-user.ts";
import { endSession } from "./end-session.ts";
import { endSessions } from "./end-sessions.ts";
import { type Handler, readInput } from "./endpoint.ts";
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

const HANDLERS: { readonly [Name in EndpointName]: Handler<Name> } = {
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

let compiled: PatternRouter<EndpointName> | null = null;

/** Compiled at its first use: most isolates never see a call. */
function router(): PatternRouter<EndpointName> {
  if (compiled !== null) return compiled;
  const fresh = new PatternRouter<EndpointName>();
  for (const name of Object.keys(CONTRACT) as EndpointName[]) fresh.add("ALL", API_BASE + CONTRACT[name].path, name);
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
  const match = matches.find(([name]) => CONTRACT[name].method === method);
  if (match === undefined) {
    const allowed = matches.map(([name]) => CONTRACT[name].method).map((one) => (one === "GET" ? "GET, HEAD" : one));
    return problem(visit, "method_refused", { headers: { Allow: allowed.join(", ") } });
  }
  const [name, params] = match;
  const contract: Contract = CONTRACT[name];
  const scope = scopeOf(contract);
  if (!key.scopes.has(scope)) return keyProblem(visit, "key_lacks_scope", scope);
  const input = await readInput(visit, contract, params as Record<string, string>);
  if (input instanceof Response) return input;
  // The contract by which the input was read is the one by which the handler's type is made.
  const handle = HANDLERS[name] as (visit: Visit, input: unknown, actor: string) => Promise<Response>;
  const response = await handle(visit, input, `api:${key.name}`);
  return isHead ? new Response(null, response) : response;
}
