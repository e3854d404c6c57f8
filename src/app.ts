import { type Env, versionOf } from "./env.ts";
import { findRoute } from "./find-route.ts";
import { cutQuery } from "./gate/host.ts";
import { loadRuntime, rememberedRuntime } from "./load-runtime.ts";
import { log } from "./log.ts";
import { type Asked, failureAnswer, methodRefused } from "./respond.ts";
import { actionOf } from "./routes/action.ts";
import { ownEndpoint } from "./routes/own.ts";
import { perform, refuseOdd } from "./routes/perform.ts";
import { requireHttps } from "./routes/require-https.ts";
import { anonymousState, signedInState } from "./routes/session-state.ts";
import { verifyFile } from "./routes/verify-file.ts";
import { currentSession, NOBODY, rememberedSession } from "./session/current.ts";
import { readCookies } from "./session/known-browsers.ts";
import type { Visit } from "./visit.ts";

/** They echo requests or open tunnels; `TRACK` is one server's other name for TRACE. */
const NEVER_SERVED = new Set(["TRACE", "TRACK", "CONNECT"]);
const SERVED = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** The whole gateway: every request takes these seven steps, in this order (design 8). */
export async function gateway(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
  const asked: Asked = { request, requestId: crypto.randomUUID() };
  try {
    // 1  configuration
    const loaded = rememberedRuntime(env) ?? (await loadRuntime(env));
    if (!loaded.ok) return failureAnswer(asked, "config_invalid");
    const { runtime } = loaded;
    if (NEVER_SERVED.has(request.method.toUpperCase())) {
      return methodRefused(asked, SERVED);
    }

    // 2  site by host, one canonical path, judged and forwarded
    const { base, search } = cutQuery(request.url);
    const route = findRoute(runtime, request.method, base);
    if (typeof route === "string") return failureAnswer(asked, route);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what URL parsers drop, so that the origin saw another query
    if (/[#\u0000-\u001f\u007f]/.test(search)) return failureAnswer(asked, "path_refused");
    const { site, scheme, host, path } = route;

    const file = verifyFile(asked, site, path);
    if (file !== null) return await file;
    const insecure = requireHttps(asked, runtime.config, site, { scheme, host, path, search });
    if (insecure !== null) return insecure;

    const receivedAt = Date.now();
    const visit: Visit = {
      runtime,
      request,
      waitUntil: (work) => ctx.waitUntil(work),
      site,
      scheme,
      host,
      path,
      search,
      ...readCookies(runtime, route, request.headers.get("cookie")),
      requestId: asked.requestId,
      receivedAt,
      now: Math.floor(receivedAt / 1_000),
    };

    // 3  removals: `perform` and everything below read identity from `visit` only, and forward a cleaned copy
    // 4  own endpoints
    if (route.kind === "own") return await ownEndpoint(visit);

    // 5  rule → access: the route says it
    const oddAnswer = route.kind === "odd" && site.oddPaths === "refuse" ? refuseOdd(visit) : null;
    if (oddAnswer !== null) return await oddAnswer;
    const { level } = route;

    // 6  cookie → session; `open` and `deny` need none
    const needsSession = level !== "open" && level !== "deny";
    const current = needsSession ? (rememberedSession(visit) ?? (await currentSession(visit))) : NOBODY;
    const state = current.session ? signedInState(visit, current.session) : await anonymousState(visit, level);

    // 7  decide → forward · 302 · 401 · page
    return await perform(visit, { action: actionOf(visit, level, state), level, current });
  } catch (error) {
    // Expected failures are values; what arrives here is a bug. Fail closed, and say where.
    const detail =
      error instanceof Error ? `${error.name}: ${error.message} ${error.stack?.split("\n")[1]?.trim()}` : "unknown";
    log(versionOf(env), {
      event: "bug",
      level: "error",
      code: "internal_error",
      request_id: asked.requestId,
      detail,
    });
    return failureAnswer(asked, "internal_error");
  }
}
