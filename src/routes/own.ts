import { Hono } from "hono/tiny";
import { failureAnswer } from "../respond.ts";
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

const router = new Hono<{ Bindings: Visit }>();
for (const [path, handlers] of Object.entries(ENDPOINTS)) {
  const methods = Object.keys(handlers);
  const allowed = methods.includes("GET") && !WITHOUT_HEAD.has(path) ? [...methods, "HEAD"] : methods;
  router.all(path, ({ env: visit, req }) => {
    const { method } = visit.request;
    const handler = handlers[(method === "HEAD" ? "GET" : method) as Method];
    if (handler !== undefined && allowed.includes(method)) return handler(visit);
    return failureAnswer({ request: req.raw, requestId: visit.requestId }, "method_refused", undefined, {
      headers: { Allow: allowed.join(", ") },
    });
  });
}
router.notFound(({ env: visit }) => failureAnswer(visit, "not_found"));
// A bug in an endpoint is the gateway's to report, with the request id: nothing is swallowed here.
router.onError((error) => {
  throw error;
});

export async function ownEndpoint(visit: Visit): Promise<Response> {
  // Exact paths only: the tiny router would take a trailing slash as well.
  if (!Object.hasOwn(ENDPOINTS, visit.path)) return failureAnswer(visit, "not_found");
  const response = await router.fetch(visit.request, visit);
  if (visit.request.method !== "HEAD") return response;
  return new Response(null, response);
}
