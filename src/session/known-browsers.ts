import type { Site } from "../config/config.ts";
import { Cookies, type Scheme } from "../cookies.ts";
import type { Runtime } from "../runtime.ts";
import type { Visit } from "../visit.ts";
import type { Session } from "./session.ts";

/**
 * Browsers that this isolate has met: the whole Cookie header, on this host, with what of it goes to the origin and the
 * session that it opened to, so that the usual request parses nothing. The session's age and checks are judged at each
 * use; a header without a session is not kept.
 */
export type KnownBrowser = { forOrigin: string | null; session: Session };

/** A longer header is read anew each time: visitors choose them, and they would stay. */
const REMEMBERED_HEADER_MAX_LENGTH = 2_048;

/** All that the session was sealed for, and every byte that it was read from. */
const keyOf = (scheme: Scheme, host: string, site: Site, header: string) =>
  `${scheme} ${host} ${site.account.appId} ${header}`;

/** The request's cookies, and the session that this very header opened to before; `null` = not known. */
export function readCookies(
  runtime: Runtime,
  { scheme, host, site }: Pick<Visit, "scheme" | "host" | "site">,
  header: string | null,
): { cookies: Cookies; opened: Session | null } {
  const known =
    header === null || header.length > REMEMBERED_HEADER_MAX_LENGTH
      ? undefined
      : runtime.knownBrowsers.get(keyOf(scheme, host, site, header));
  if (known === undefined) return { cookies: new Cookies(scheme, header), opened: null };
  return { cookies: new Cookies(scheme, header, known.forOrigin), opened: known.session };
}

export function rememberBrowser({ runtime, scheme, host, site, cookies }: Visit, session: Session): void {
  const { header, forOrigin } = cookies;
  if (header === null || header.length > REMEMBERED_HEADER_MAX_LENGTH) return;
  runtime.knownBrowsers.set(keyOf(scheme, host, site, header), { forOrigin, session });
}
