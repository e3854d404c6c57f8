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

/** A HEAD of the callback must not spend the code; of the others it is a GET without its body. */
const ENDPOINTS: ReadonlyMap<string, ReadonlyMap<string, Handler>> = new Map([
  ["/_wx/login", methods({ GET: loginPage, HEAD: loginPage, POST: loginButton })],
  ["/_wx/callback", methods({ GET: callback })],
  ["/_wx/logout", methods({ GET: confirmLogout, HEAD: confirmLogout, POST: logout })],
  ["/_wx/me", methods({ GET: me, HEAD: me })],
  ["/_wx/check", methods({ GET: check, HEAD: check })],
  ["/_wx/jwks.json", methods({ GET: jwks, HEAD: jwks })],
  ["/_wx/health", methods({ GET: health, HEAD: health })],
]);

function methods(handlers: { GET: Handler; HEAD?: Handler; POST?: Handler }): ReadonlyMap<string, Handler> {
  return new Map(Object.entries(handlers));
}

export async function ownEndpoint(visit: Visit): Promise<Response> {
  if (visit.path.startsWith(`${API_BASE}/`)) return managementApi(visit);
  const endpoint = ENDPOINTS.get(visit.path);
  if (endpoint === undefined) return failureAnswer(visit, "not_found");
  const { method } = visit.request;
  const handler = endpoint.get(method);
  if (handler === undefined) return methodRefused(visit, [...endpoint.keys()]);
  const response = await handler(visit);
  return method === "HEAD" ? new Response(null, response) : response;
}
