/** Whether a forged request had an effect: its answer beside those to a visitor whom nobody signed in. */
import { FORGED_OPENID } from "./forgeries.ts";

export type Answer = { status: number; location: string; body: string };

/** Fine enough that what changes at every visit (a nonce, a token, a clock) is a part of its own. */
const PARTS = { location: /([/?&#;=]+)/, body: /([\s<>"'&;,]+)/ } as const;
const SHOWN_MAX = 40;

/**
 * The first part in which the text is not what nobody gets. Parts that differ between nobody's own answers count for
 * nothing; answers with a different number of parts cannot be compared.
 */
function difference(nobodys: readonly Answer[], forged: Answer, field: keyof typeof PARTS) {
  const [first = [], ...others] = nobodys.map((answer) => answer[field].split(PARTS[field]));
  if (others.some(({ length }) => length !== first.length)) return null;
  const parts = forged[field].split(PARTS[field]);
  for (let index = 0; index < Math.max(first.length, parts.length); index++) {
    const [usual, here] = [first[index], parts[index]];
    if (here !== usual && others.every((other) => other[index] === usual)) return { usual, here };
  }
  return null;
}

const shown = (part = "") => (part.trim() === "" ? "something else" : `“${part.trim().slice(0, SHOWN_MAX)}”`);

/** Why an answer shows that the forgery worked; `null` = nothing shows it. */
export function acceptance(nobodys: readonly Answer[], forged: Answer): string | null {
  const [nobody] = nobodys;
  if (forged.body.includes(FORGED_OPENID) && !nobodys.some(({ body }) => body.includes(FORGED_OPENID)))
    return "the page names the forged openid";
  if (forged.status < 300 && nobodys.every(({ status }) => status >= 300))
    return `status ${forged.status} instead of ${nobody?.status}`;
  // A refusal in other words is a refusal.
  if (forged.status >= 400) return null;
  if (difference(nobodys, forged, "location") !== null) return `redirects to ${forged.location || "nowhere"} instead`;
  const changed = forged.status < 300 ? difference(nobodys, forged, "body") : null;
  return changed === null ? null : `the page says ${shown(changed.here)} instead of ${shown(changed.usual)}`;
}

/**
 * Whether a status refuses strangers, rather than to have no such page or to be out of order. A redirect does where the page
 * was chosen for being nobody's: sites send strangers to their sign-in.
 */
export function refuses(status: number, isChosen: boolean): boolean {
  if (status >= 300 && status < 400) return isChosen;
  return status >= 400 && status < 500 && ![404, 405, 429].includes(status);
}

/** What servers answer to whoever asks them wrongly: over http where they want https, for a host that they do not have. */
const ASKED_WRONGLY = [400, 421, 426];

/** Apart from its scheme, host, case, final slash, index file, or a language before it: no sign-in, but the page itself. */
function isSamePage(asked: URL, to: URL): boolean {
  const [from, there] = [asked, to].map(({ pathname, search }) => {
    const path = pathname.toLowerCase().replace(/\/(?:index\.\w+)?$/, "");
    return { path, search };
  });
  if (from === undefined || there === undefined || from.search !== there.search) return false;
  return there.path === from.path || (from.path !== "" && there.path.endsWith(from.path));
}

/** Why the answer to a visitor whom nobody signed in can be compared with none; `null` = it can. `host`: the site's. */
export function uncomparable(asked: URL, host: string, { status, location }: Answer): string | null {
  if (ASKED_WRONGLY.includes(status)) {
    return `${asked.href} answers ${status} to everybody, which says nothing about who is signed in. If your lock answers so (nginx does, to who has no client certificate), strangers stay outside; else correct --origin: its scheme, its port, or an origin that serves ${host}. Nothing was tested`;
  }
  if (status < 300 || status >= 400) return null;
  if (location === "" || !URL.canParse(location, asked.href)) {
    return `${asked.href} answers ${status} to everybody and says nowhere where it leads. Nothing was tested. Give a --path that answers with a page`;
  }
  const to = new URL(location, asked.href);
  if (!isSamePage(asked, to)) return null;
  // Most servers name the host that they were asked for: there is the gateway, and the origin where it was before.
  if (to.host === host) {
    to.hostname = asked.hostname;
    to.port = to.protocol === asked.protocol ? asked.port : "";
  }
  const redirects = `${asked.href} redirects everybody to ${location}, which is`;
  return to.href === asked.href
    ? `${redirects} where it was asked: give an --origin and a --path that answer with a page. Nothing was tested`
    : `${redirects} the same page by another address. Nothing was tested. Give --origin ${to.origin} --path "${to.pathname}${to.search}"`;
}
