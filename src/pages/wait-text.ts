import type { Texts } from "./texts.ts";

/** Longer waits are easier to grasp in minutes. */
const SECONDS_SHOWN_UP_TO = 120;

/** “try again in 30 seconds”, rounded up; `null` if there is no sensible time to name. */
export function waitText(retryAfterSeconds: number, texts: Texts): string | null {
  if (!Number.isFinite(retryAfterSeconds) || retryAfterSeconds <= 0) return null;
  const seconds = Math.ceil(retryAfterSeconds);
  return seconds <= SECONDS_SHOWN_UP_TO ? texts.waitSeconds(seconds) : texts.waitMinutes(Math.ceil(seconds / 60));
}
