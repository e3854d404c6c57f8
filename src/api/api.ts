import { PatternRouter } from "hono/router/pattern-router";
import type { Visit } from "../visit.ts";
import { authenticate } from "./authenticate.ts";
import type { Endpoint } from "./endpoint.ts";
import { keyProblem, problem } from "./problems.ts";
import { API_BASE, type Method, ROUTES } from "./routes.ts";

type Endpoints = Partial<Record<Method, Endpoint>>;

const router = new PatternRouter<Endpoints>();
for (const [path, endpoints] of Object.entries(ROUTES)) router.add("ALL", API_BASE + path, endpoints);

/**
 * The management API: for the server side of the origin of the site on whose host it is called. Cookies and sessions
 * play no part, and without a key not even an endpoint's name is told.
 */
export async function managementApi(visit: Visit): Promise<Response> {
  const key = await authenticate(visit);
  if (key instanceof Response) return key;
  const [[match]] = router.match("ALL", visit.path);
  // Exact paths only: the router would take a trailing slash as well.
  if (match === undefined || visit.path.endsWith("/")) return problem(visit, "not_found");
  const [endpoints, params] = match;
  const isHead = visit.request.method === "HEAD";
  const method = isHead ? "GET" : visit.request.method;
  const endpoint = Object.hasOwn(endpoints, method) ? endpoints[method as Method] : undefined;
  if (endpoint === undefined) {
    const allowed = Object.keys(endpoints).map((name) => (name === "GET" ? "GET, HEAD" : name));
    return problem(visit, "method_refused", { headers: { Allow: allowed.join(", ") } });
  }
  if (!key.scopes.has(endpoint.scope)) return keyProblem(visit, "key_lacks_scope", endpoint.scope);
  const response = await endpoint.run(visit, key, params as Record<string, string>);
  return isHead ? new Response(null, response) : response;
}
