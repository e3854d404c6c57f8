import { clearCookie, setCookie, signedOutCookieName } from "../cookies.ts";
import { open, seal } from "../seal.ts";
import { sealContext, type Visit } from "../visit.ts";

/** The marker of a sign-out: silent sign-in pauses on this browser until a tap on sign in. */

/** As long as browsers keep a cookie at all: 400 days (RFC 6265bis §4.1.2.2). */
const SIGNED_OUT_LIFETIME_SECONDS = 400 * 24 * 60 * 60;

/** It outlives the key that it was sealed with: whoever forges one only has to tap. */
export async function isSignedOut(visit: Visit): Promise<boolean> {
  for (const value of visit.cookies.valuesOf(signedOutCookieName(visit.scheme))) {
    const opened = await open(visit.runtime.sealingKeys, sealContext(visit, "signed_out"), value);
    if (opened.ok || opened.reason === "unknown_key") return true;
  }
  return false;
}

export async function signedOutCookie(visit: Visit): Promise<string> {
  const sealed = await seal(visit.runtime.sealingKeys, sealContext(visit, "signed_out"), "out");
  return setCookie(visit.scheme, signedOutCookieName(visit.scheme), sealed, SIGNED_OUT_LIFETIME_SECONDS);
}

/** The removal of the marker, only where the browser sends one. */
export function forgetSignedOut(visit: Visit): string[] {
  const name = signedOutCookieName(visit.scheme);
  return visit.cookies.pairs.some((pair) => pair.name === name) ? [clearCookie(visit.scheme, name)] : [];
}
