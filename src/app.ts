import { findSite } from "./config/find-site.ts";
import { parseCookies } from "./cookies.ts";
import { type Env, versionOf } from "./env.ts";
import { type Action, decide, type SessionState } from "./gate/decide.ts";
import { parseTarget } from "./gate/host.ts";
import { accessOf } from "./gate/match.ts";
import { judgePath } from "./gate/path.ts";
import { requestKindOf } from "./gate/visitor.ts";
import { loadRuntime } from "./load-runtime.ts";
import { log } from "./log.ts";
import { type Asked, failureAnswer } from "./respond.ts";
import { siteClient } from "./routes/outside.ts";
import { ownEndpoint } from "./routes/own.ts";
import { perform, refuseOdd } from "./routes/perform.ts";
import { requireHttps } from "./routes/require-https.ts";
import { anonymousState, signedInState } from "./routes/session-state.ts";
import { verifyFile } from "./routes/verify-file.ts";
import { isForeignSocket } from "./routes/web-socket.ts";
import { siteParts } from "./runtime.ts";
import { currentSession, NOBODY, rememberedSession } from "./session/current.ts";
import type { Visit } from "./visit.ts";

/** They echo requests or open tunnels; `TRACK` is one server's other name for TRACE. */
const NEVER_SERVED = new Set(["TRACE", "TRACK", "CONNECT"]);
const SERVED = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

/** The whole gateway: every request takes these seven steps, in this order (design 8). */
export async function gateway(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
  const asked: Asked = { request, requestId: crypto.randomUUID() };
  try {
    // 1  configuration, site by host, http or https
    const loaded = await loadRuntime(env);
    if (!loaded.ok) return failureAnswer(asked, "config_invalid");
    const { runtime } = loaded;
    if (NEVER_SERVED.has(request.method.toUpperCase())) {
      return failureAnswer(asked, "method_refused", undefined, { headers: { Allow: SERVED } });
    }
    const target = parseTarget(request.url);
    const site = target === null ? null : findSite(runtime.config, target.host);
    if (target === null || site === null) return failureAnswer(asked, "unknown_host");

    // 2  one canonical path, judged and forwarded
    const judged = judgePath(target.rawPath);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what URL parsers drop, so that the origin saw another query
    const isCrookedQuery = /[#\u0000-\u001f\u007f]/.test(target.search);
    if (judged.kind === "refused" || isCrookedQuery) return failureAnswer(asked, "path_refused");
    const { scheme, host, search } = target;
    const { path } = judged;

    const file = verifyFile(asked, site, path);
    if (file !== null) return file;
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
      cookies: parseCookies(request.headers.get("cookie")),
      requestId: asked.requestId,
      receivedAt,
      now: Math.floor(receivedAt / 1_000),
    };

    // 3  removals: `perform` and everything below read identity from `visit` only, and forward a cleaned copy
    // 4  own endpoints
    if (judged.kind === "own") return await ownEndpoint(visit);

    // 5  rule → access
    const isOdd = judged.kind === "odd";
    const oddAnswer = isOdd && site.oddPaths === "refuse" ? refuseOdd(visit) : null;
    if (oddAnswer !== null) return await oddAnswer;
    const level = accessOf(siteParts(runtime, site).rules, path, request.method, isOdd);
    const kind = requestKindOf(request.method, request.headers);

    // 6  cookie → session; `open` and `deny` need none
    const needsSession = level !== "open" && level !== "deny";
    const current = needsSession ? (rememberedSession(visit) ?? (await currentSession(visit))) : NOBODY;
    const client = siteClient(visit);
    const state: SessionState = current.session
      ? signedInState(visit, current.session)
      : await anonymousState(visit, level, kind);

    // 7  decide → forward · 302 · 401 · page
    const action: Action = isForeignSocket(visit, kind) ? "foreign_socket" : decide(level, client, kind, state);
    return await perform(visit, { action, level, current });
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
