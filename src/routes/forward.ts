import type { Level } from "../config/config.ts";
import { setRequestFacts, setSecrets, withoutForgeries } from "../identity/headers.ts";
import type { OutgoingHeaders } from "../identity/outgoing-headers.ts";
import { type PreparedHeaders, prepareHeaders, rememberedHeaders } from "../identity/signed-in-headers.ts";
import { adaptAnswer } from "../origin/answer.ts";
import { fetchOrigin } from "../origin/forward.ts";
import { refuse } from "../refuse.ts";
import { siteParts } from "../runtime.ts";
import type { Session } from "../session/session.ts";
import type { Visit } from "../visit.ts";

/** Others are no HTTP (RFC 9110 §15), and no `Response` can be made of them. */
const STATUS_MAX = 599;

export type Forwarding = { session: Session | null; level: Level; cookies: readonly string[] };

/** To the origin and back: removed before set, streamed, copied only where a header must change. */
export async function forward(visit: Visit, { session, level, cookies }: Forwarding): Promise<Response> {
  const identity =
    session === null
      ? []
      : (rememberedHeaders(visit.runtime.signedInHeaders, session, visit) ?? (await prepared(visit, session)));
  const headers = headersForOrigin(visit, identity);
  let response: Response | null = null;
  try {
    response = await fetchOrigin(visit, headers, session !== null);
  } catch {} // said below
  if (response === null || response.status > STATUS_MAX) {
    const more = response === null ? {} : { detail: `status ${response.status}` };
    return refuse(visit, "origin_unreachable", { kind: "origin_unreachable" }, { cookies }, more);
  }
  const audience = session !== null ? "signed_in" : level === "open" ? "everyone" : "anonymous";
  return adaptAnswer(visit, response, audience, cookies);
}

function prepared({ runtime, site, scheme, host, now }: Visit, session: Session): Promise<PreparedHeaders> {
  const target = { scheme, host, appId: site.account.appId, headers: siteParts(runtime, site).headers };
  return prepareHeaders(runtime.signer, runtime.signedInHeaders, session, target, now);
}

function headersForOrigin(visit: Visit, signedIn: PreparedHeaders): OutgoingHeaders {
  const { runtime, request, site, scheme, host, cookies } = visit;
  const { headers: siteHeaders } = siteParts(runtime, site);
  const headers = withoutForgeries(request.headers, siteHeaders);
  const { header, forOrigin } = cookies;
  if (forOrigin === null) headers.delete("Cookie");
  else if (forOrigin !== header) headers.set("Cookie", forOrigin);
  const clientAddress = request.headers.get("cf-connecting-ip");
  setRequestFacts(headers, { scheme, host, requestId: visit.requestId, clientAddress });
  setSecrets(headers, siteHeaders);
  for (const [name, value] of signedIn) headers.set(name, value);
  return headers;
}
