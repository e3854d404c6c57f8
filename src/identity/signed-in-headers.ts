import type { Scheme } from "../cookies.ts";
import { ASSERTION_LIFETIME_SECONDS, type Signer, signAssertion } from "./assertion.ts";
import { identityHeaders, type SiteHeaders } from "./headers.ts";
import type { Identity } from "./identity.ts";
import { renderTemplate, wordsOf } from "./templates.ts";

/**
 * All headers that tell the origin who is signed in, the signed assertion among them: made once per session and two
 * minutes, and checked for their remaining life at every use.
 */

/** A remembered assertion is used again while it is at least this long valid: a slow origin may check late. */
const ASSERTION_MIN_REMAINING_SECONDS = 180;

export type PreparedHeaders = ReadonlyArray<readonly [string, string]>;

type Prepared = { scheme: Scheme; host: string; expiresAt: number; headers: PreparedHeaders };

/** Keyed by the session object itself: it goes when the opened cookie is forgotten. */
export type SignedInMemo = WeakMap<Identity, Prepared>;

/** What was prepared for this session under this scheme and host, which it names, and is still good; without a promise, for the usual request. */
export function rememberedHeaders(
  memo: SignedInMemo,
  identity: Identity,
  { scheme, host, now }: { scheme: Scheme; host: string; now: number },
): PreparedHeaders | null {
  const prepared = memo.get(identity);
  const isHere = prepared?.host === host && prepared.scheme === scheme;
  const isGood = isHere && prepared.expiresAt - now >= ASSERTION_MIN_REMAINING_SECONDS;
  return isGood ? prepared.headers : null;
}

/** Known facts, the assertion, and the site's own headers whose words are all known. */
export function composeHeaders(
  identity: Identity,
  appId: string,
  { templates }: SiteHeaders,
  assertion: string,
): PreparedHeaders {
  const words = wordsOf(identity, appId);
  const own = templates.map(({ name, value }) => {
    return [name, "secret" in value ? null : renderTemplate(value.parts, words)] as const;
  });
  const all = [...identityHeaders(identity, appId), ["X-WX-ASSERTION", assertion] as const, ...own];
  return all.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
}

/** Signs, composes and remembers. */
export async function prepareHeaders(
  signer: Signer,
  memo: SignedInMemo,
  identity: Identity,
  site: { scheme: Scheme; host: string; appId: string; headers: SiteHeaders },
  now: number,
): Promise<PreparedHeaders> {
  const assertion = await signAssertion(signer, identity, site, now);
  const headers = composeHeaders(identity, site.appId, site.headers, assertion);
  memo.set(identity, { scheme: site.scheme, host: site.host, expiresAt: now + ASSERTION_LIFETIME_SECONDS, headers });
  return headers;
}
