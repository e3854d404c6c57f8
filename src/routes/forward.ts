import type { Level } from "../config/config.ts";
import { cookiesForOrigin } from "../cookies.ts";
import { setRequestFacts, setSecrets, withoutForgeries } from "../identity/headers.ts";
import { prepareHeaders, rememberedHeaders } from "../identity/signed-in-headers.ts";
import { reportFailure } from "../login/report.ts";
import { adaptAnswer } from "../origin/answer.ts";
import { fetchOrigin, type OriginRequest } from "../origin/forward.ts";
import { failureAnswer } from "../respond.ts";
import { siteParts } from "../runtime.ts";
import type { Session } from "../session/session.ts";
import type { Visit } from "../visit.ts";

export type Forwarding = { session: Session | null; level: Level; cookies: readonly string[] };

/** To the origin and back: removed before set, streamed, copied only where a header must change. */
export async function forward(visit: Visit, { session, level, cookies }: Forwarding): Promise<Response> {
  const call: OriginRequest = {
    site: visit.site,
    env: visit.runtime.env,
    request: visit.request,
    scheme: visit.scheme,
    host: visit.host,
    path: visit.path,
    search: visit.search,
    headers: await headersForOrigin(visit, session),
    bypassCache: session !== null,
  };
  let response: Response;
  try {
    response = await fetchOrigin(call);
  } catch {
    reportFailure(visit, "origin_unreachable");
    return failureAnswer(visit, "origin_unreachable", { kind: "origin_unreachable" }, { cookies });
  }
  const audience = session !== null ? "signed_in" : level === "open" ? "everyone" : "anonymous";
  return adaptAnswer(call, response, audience, cookies);
}

async function headersForOrigin(visit: Visit, session: Session | null): Promise<Headers> {
  const { runtime, site, scheme, host, now } = visit;
  const { headers: siteHeaders } = siteParts(runtime, site);
  const incoming = visit.request.headers;
  const headers = withoutForgeries(incoming, siteHeaders);
  const cookie = incoming.get("cookie");
  if (cookie !== null) {
    const kept = cookiesForOrigin(scheme, cookie, visit.cookies);
    if (kept === null) headers.delete("Cookie");
    else if (kept !== cookie) headers.set("Cookie", kept);
  }
  const clientAddress = incoming.get("cf-connecting-ip");
  setRequestFacts(headers, { scheme, host, requestId: visit.requestId, clientAddress });
  setSecrets(headers, siteHeaders);
  if (session !== null) {
    const { signer, signedInHeaders } = runtime;
    const target = { scheme, host, appId: site.account.appId, headers: siteHeaders };
    const signedIn =
      rememberedHeaders(signedInHeaders, session, host, now) ??
      (await prepareHeaders(signer, signedInHeaders, session, target, now));
    for (const [name, value] of signedIn) headers.set(name, value);
  }
  return headers;
}
