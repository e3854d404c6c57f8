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
