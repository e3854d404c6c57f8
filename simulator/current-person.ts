/** Who is asking: the header (tests), else the cookie (a browser's choice), else the default. */

import type { Context } from "hono";
import { getCookie } from "hono/cookie";
import { findPerson, type Person } from "./people.ts";
import type { SimulatorState } from "./state.ts";

export const PERSON_HEADER = "x-simulator-person";
export const CONSENT_HEADER = "x-simulator-consent";
export const PERSON_COOKIE = "wxsim_person";

/** `null` when the header names nobody; a stale cookie falls back to the default. */
export function currentPerson(c: Context, state: SimulatorState): Person | null {
  const named = c.req.header(PERSON_HEADER);
  if (named !== undefined) return findPerson(named) ?? null;
  return findPerson(getCookie(c, PERSON_COOKIE) ?? "") ?? findPerson(state.personId) ?? null;
}
