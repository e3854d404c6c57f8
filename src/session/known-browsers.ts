import { Cookies } from "../cookies.ts";
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

type Front = Pick<Visit, "scheme" | "host" | "site">;

/** All that the session was sealed for, and every byte that it was read from; `null` = nothing to remember. */
function keyOf({ scheme, host, site }: Front, header: string | null): string | null {
  if (header === null || header.length > REMEMBERED_HEADER_MAX_LENGTH) return null;
  return `${scheme} ${host} ${site.account.appId} ${header}`;
}

/** The request's cookies, and the session that this very header opened to before; `null` = not known. */
export function readCookies(
  runtime: Runtime,
  front: Front,
  header: string | null,
): { cookies: Cookies; opened: Session | null } {
  const key = keyOf(front, header);
  const known = key === null ? undefined : runtime.knownBrowsers.get(key);
  return { cookies: new Cookies(front.scheme, header, known?.forOrigin), opened: known?.session ?? null };
}

export function rememberBrowser(visit: Visit, session: Session): void {
  const { header, forOrigin } = visit.cookies;
  const key = keyOf(visit, header);
  if (key !== null) visit.runtime.knownBrowsers.set(key, { forOrigin, session });
}
