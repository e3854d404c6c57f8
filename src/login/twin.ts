import { type LoginRow, readLogin, type Stored } from "../storage/d1.ts";
import type { Visit } from "../visit.ts";

/**
 * The twin of a callback: WeChat's clients send the same code twice. Only a request whose attempt cookie opens and
 * holds the state comes here, so an outcome is never found by code alone (design 7.6).
 */

/** How long the winner of 40163 may need to write its outcome. */
const TWIN_WAIT_MS = 1_000;
const TWIN_POLL_MS = 100;
/** What a look in D1 gets at least before its silence counts as a failure. */
const LOOK_MIN_MS = 300;
const TWIN_POLLS_MAX = TWIN_WAIT_MS / TWIN_POLL_MS;

/** Looks for the outcome in D1's primary: until it is there for a used code, once for an invalid one. */
export async function findTwinOutcome(
  visit: Visit,
  state: string,
  kind: "used" | "spent",
  remainingMs: number,
): Promise<Stored<LoginRow | null>> {
  const startedAt = Date.now();
  const waitMs = Math.min(TWIN_WAIT_MS, remainingMs);
  let found: Stored<LoginRow | null> = { ok: true, value: null };
  for (let poll = 1; poll <= TWIN_POLLS_MAX; poll++) {
    const elapsed = Date.now() - startedAt;
    const lookMs = Math.min(remainingMs - elapsed, Math.max(LOOK_MIN_MS, waitMs - elapsed));
    // No time for an honest look: that is no failure of D1, only an outcome that is not there yet.
    if (lookMs < LOOK_MIN_MS) return found;
    const look = await readLogin(visit.runtime.env.DB, state, lookMs);
    if (!look.ok && poll > 1) return found; // D1 has answered before: it is slow, not down
    found = look;
    if (!found.ok || found.value !== null || kind === "spent") return found;
    // Counted in polls as well: a clock that stands still between I/O must not make this endless.
    if (Date.now() - startedAt + TWIN_POLL_MS > waitMs) return found;
    await new Promise((resolve) => setTimeout(resolve, TWIN_POLL_MS));
  }
  return found;
}
