import { BoundedMap } from "../bounded-map.ts";
import type { HeaderTemplate, Site } from "../config/config.ts";
import { foldHeaderName } from "../config/values/header-name.ts";
import { isMisleadingHeader } from "../config/values/misleading-header.ts";
import type { Identity } from "./identity.ts";
import { OutgoingHeaders } from "./outgoing-headers.ts";
import { wordsOf } from "./templates.ts";

/**
 * What a site's origin receives about the visitor (design 5). Everything that the client sent under such a name, in
 * any spelling, is removed before any decision; only then is anything set.
 */

/**
 * Passed under this very spelling only: what the platform sets itself, what we judged by, and what frames a body. A server
 * that folds `Transfer_Encoding` would end the request elsewhere than we do, and take the rest for another one.
 */
const EXACT_ONLY =
  /^(?:(?:cf|sec)-|(?:transfer-encoding|content-(?:length|type|encoding|range)|user-agent|x-requested-with)$)/;

/** Distinct header names that an isolate remembers its judgement of. */
const JUDGED_NAMES_MAX = 500;

/** A longer name is judged anew each time: visitors choose the names, and 500 of 30 KB would stay. */
const JUDGED_NAME_MAX_LENGTH = 64;

/** A site's header rules, compiled once. */
export type SiteHeaders = {
  templates: readonly HeaderTemplate[];
  ownNames: ReadonlySet<string>;
  judged: BoundedMap<string, boolean>;
};

export function compileHeaders(site: Pick<Site, "headers">): SiteHeaders {
  return {
    templates: site.headers,
    ownNames: new Set(site.headers.map((template) => foldHeaderName(template.name))),
    judged: new BoundedMap(JUDGED_NAMES_MAX),
  };
}

/** An error page of the callback's has WeChat's code in its address, and the browser tells it with the page's icon. */
const CALLBACK = /\/_wx\/callback\?/i;

/** The visitor's headers without any that an origin could take for ours. */
export function withoutForgeries(incoming: Headers, siteHeaders: SiteHeaders): OutgoingHeaders {
  return new OutgoingHeaders(incoming, (name, value) => {
    const isOtherUpgrade = name === "upgrade" && value.toLowerCase() !== "websocket";
    return !isOtherUpgrade && !(name === "referer" && CALLBACK.test(value)) && !isRemoved(name, siteHeaders);
  });
}

function isRemoved(name: string, { ownNames, judged }: SiteHeaders): boolean {
  const known = judged.get(name);
  if (known !== undefined) return known;
  const folded = foldHeaderName(name);
  const removed =
    isMisleadingHeader(folded) || ownNames.has(folded) || (EXACT_ONLY.test(folded) && folded !== name.toLowerCase());
  if (name.length <= JUDGED_NAME_MAX_LENGTH) judged.set(name, removed);
  return removed;
}

/** The request as the origin sees it, apart from who is signed in. */
type RequestFacts = {
  scheme: "https" | "http";
  host: string;
  requestId: string;
  /** From the platform only; `null` where it tells none. */
  clientAddress: string | null;
};

export function setRequestFacts(headers: OutgoingHeaders, facts: RequestFacts): void {
  headers.set("X-Request-Id", facts.requestId);
  if (facts.clientAddress !== null) headers.set("X-Forwarded-For", facts.clientAddress);
  headers.set("X-Forwarded-Proto", facts.scheme);
  headers.set("X-Forwarded-Host", facts.host);
}

/** Headers that lock the origin: sent on every level. */
export function setSecrets(headers: OutgoingHeaders, { templates }: SiteHeaders): void {
  for (const { name, value } of templates) {
    if ("secret" in value) headers.set(name, value.secret);
  }
}

/** The identity's headers under their contract names, `null` = unknown. */
export function identityHeaders(identity: Identity, appId: string): ReadonlyArray<readonly [string, string | null]> {
  const words = wordsOf(identity, appId);
  return [
    ["X-WX-OPENID", words.openid],
    ["X-WX-APPID", words.appid],
    ["X-WX-SOURCE", "wxgate"],
    ["X-WX-UNIONID", words.unionid],
    ["X-WX-USER", words.user],
    ["X-WX-SITE-USER", words.site_user],
    ["X-WX-NICKNAME", words.nickname],
    ["X-WX-AVATAR", words.avatar],
    ["X-WX-LEVEL", words.level],
  ];
}
