/** Durations as people write them: `30s`, `5m`, `24h`, `7d`. */
import { complain, type Read } from "../complaint.ts";
import { type Schema, text } from "../schema.ts";

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Seconds of a duration; `null` = not written as one. */
export function durationSeconds(duration: string): number | null {
  const [, digits, unit] = /^(\d{1,9})([smhd])$/.exec(duration) ?? [];
  const factor = unit === undefined ? undefined : UNIT_SECONDS[unit];
  return factor === undefined ? null : Number(digits) * factor;
}

function readBetween(duration: string, min: string, max: string): Read<number> {
  const seconds = durationSeconds(duration);
  if (seconds === null) return complain("is no duration", `Write a whole number and s, m, h or d: "${min}", "${max}".`);
  if (seconds < (durationSeconds(min) ?? 0)) return complain("is too short", `Write ${min} or more, up to ${max}.`);
  if (seconds > (durationSeconds(max) ?? 0)) return complain("is too long", `Write ${max} or less, down to ${min}.`);
  return seconds;
}

/** A schema for a duration between two, both included; gives seconds. */
export function durationBetween(min: string, max: string): Schema<number> {
  const noText = complain("is no duration", `Write it in quotes with its unit: "${min}", "${max}".`);
  return text((duration) => readBetween(duration, min, max), noText);
}
