import type { SiteSession } from "../config/config.ts";
import type { Identity } from "../identity/identity.ts";
import { isTime, oneOf, orNull, parseJson, sealedAs, textLike, textWithin } from "../sealed-values.ts";

/** The signed-in state of one browser on one host, as the sealed cookie carries it. Times are Unix seconds. */
export type Session = Identity & {
  signedInAt: number;
  /** When D1 last said that the session lives. */
  checkedAt: number;
  /** A renewal is not tried before this moment: it failed, or it is under way. */
  renewNotBefore: number;
};

/** How far a sealed time may lie ahead of this machine's clock: two data centres may differ a little. */
const CLOCK_SKEW_SECONDS = 60;
const SEALED_SESSION = sealedAs<Session>({
  sid: textLike(/^[a-z2-7]{26}$/),
  user: textLike(/^wxu_[a-z2-7]{26}$/),
  openid: textWithin(128),
  unionid: orNull(textWithin(128)),
  siteUser: orNull(textWithin(128)),
  nickname: orNull(textWithin(1_024)),
  avatar: orNull(textWithin(512)),
  level: oneOf("login", "profile"),
  amr: oneOf("silent", "consent"),
  signedInAt: isTime,
  checkedAt: isTime,
  renewNotBefore: isTime,
});

export const serializeSession = SEALED_SESSION.write;

/** `null` for whatever is not a session in every detail; a sealed value of an older format is simply anonymous. */
export function parseSession(serialized: string): Session | null {
  return SEALED_SESSION.read(parseJson(serialized));
}

/** Within its absolute lifetime, by the site's present configuration; a time from the future is no session. */
export function isAlive(session: Pick<Session, "signedInAt">, clock: SiteSession, now: number): boolean {
  return session.signedInAt <= now + CLOCK_SKEW_SECONDS && now < session.signedInAt + clock.lifetimeSeconds;
}

type CheckState =
  /** Checked within `recheck`: no I/O. */
  | "fresh"
  /** D1 is asked; if it is down, the session is served still. */
  | "due"
  /** D1 is asked; if it is down, 503. */
  | "overdue";

/** `checkedAt`: the later of the cookie's and this isolate's memo. */
export function checkState(checkedAt: number, clock: SiteSession, now: number): CheckState {
  const age = now - checkedAt;
  if (age < -CLOCK_SKEW_SECONDS) return "overdue";
  if (age < clock.recheckSeconds) return "fresh";
  return age < 2 * clock.recheckSeconds ? "due" : "overdue";
}

/** Is the sign-in so old that WeChat is asked again at the next navigation? */
export function renewalIsDue(session: Session, clock: SiteSession, now: number): boolean {
  return now >= session.signedInAt + clock.renewSeconds && now >= session.renewNotBefore;
}
