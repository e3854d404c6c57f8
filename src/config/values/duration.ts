/** Durations as people write them: `30s`, `5m`, `24h`, `7d`. */
import { complain } from "../complaint.ts";
import { type Schema, text } from "../schema.ts";

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Seconds of a duration; `null` = not written as one. */
export function durationSeconds(duration: string): number | null {
  const [, digits, unit] = /^(\d{1,9})([smhd])$/.exec(duration) ?? [];
  const factor = unit === undefined ? undefined : UNIT_SECONDS[unit];
  return factor === undefined ? null : Number(digits) * factor;
}

/** A schema for a duration between two, both included; gives seconds. */
export function durationBetween(min: string, max: string): Schema<number> {
  const remedy = `Write a whole number and s, m, h or d, in quotes, from "${min}" to "${max}".`;
  const noDuration = complain("is no duration", remedy);
  const [least, most] = [durationSeconds(min) ?? 0, durationSeconds(max) ?? 0];
  return text((duration) => {
    const seconds = durationSeconds(duration);
    if (seconds === null) return noDuration;
    return seconds < least || seconds > most ? complain("is too short or too long", remedy) : seconds;
  }, noDuration);
}
