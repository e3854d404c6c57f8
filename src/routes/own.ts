import { managementApi } from "../api/api.ts";
import { API_BASE } from "../api/contract.ts";
import { failureAnswer, methodRefused } from "../respond.ts";
import type { Visit } from "../visit.ts";
import { callback } from "./callback.ts";
import { check } from "./check.ts";
import { health } from "./health.ts";
import { jwks } from "./jwks.ts";
import { loginButton, loginPage } from "./login.ts";
import { confirmLogout, logout } from "./logout.ts";
import { me } from "./me.ts";

/** The endpoints under `/_wx/` (design 3): a fixed table, matched by exact path, never forwarded. */

type Handler = (visit: Visit) => Response | Promise<Response>;
type Method = "GET" | "POST";
type Endpoint = { handlers: Partial<Record<Method, Handler>>; allowed: string[] };

const ENDPOINTS: Readonly<Record<string, Partial<Record<Method, Handler>>>> = {
  "/_wx/login": { GET: loginPage, POST: loginButton },
  "/_wx/callback": { GET: callback },
  "/_wx/logout": { GET: confirmLogout, POST: logout },
  "/_wx/me": { GET: me },
  "/_wx/check": { GET: check },
  "/_wx/jwks.json": { GET: jwks },
  "/_wx/health": { GET: health },
};

/** A HEAD of the callback must not spend the code; of the others it is a GET without its body. */
const WITHOUT_HEAD = new Set(["/_wx/callback"]);

const endpoints = new Map<string, Endpoint>();
for (const [path, handlers] of Object.entries(ENDPOINTS)) {
  const methods = Object.keys(handlers);
  const allowed = methods.includes("GET") && !WITHOUT_HEAD.has(path) ? [...methods, "HEAD"] : methods;
  endpoints.set(path, { handlers, allowed });
}

export async function ownEndpoint(visit: Visit): Promise<Response> {
  if (visit.path.startsWith(`${API_BASE}/`)) return managementApi(visit);
  const { method } = visit.request;
  const endpoint = endpoints.get(visit.path);
  if (endpoint === undefined) return failureAnswer(visit, "not_found");
  const handler = endpoint.handlers[(method === "HEAD" ? "GET" : method) as Method];
  if (handler === undefined || !endpoint.allowed.includes(method)) {
    return methodRefused(visit, endpoint.allowed);
  }
  const response = await handler(visit);
  return method === "HEAD" ? new Response(null, response) : response;
}
