/** Why a site asks for a profile, in its own words. */
import * as v from "valibot";
import { complain, packed } from "../complaint.ts";

export type ConsentText = { zh: string; en: string };

const TEXT_MAX_LENGTH = 300;

/** A schema for one text in both languages, or the same text for both. */
export function consentText() {
  const complaint = packed(
    complain(
      "is no short text",
      `Write text of at most ${TEXT_MAX_LENGTH} characters, or { zh = "…", en = "…" } with both.`,
    ),
  );
  const text = v.pipe(v.string(complaint), v.trim(), v.nonEmpty(complaint), v.maxLength(TEXT_MAX_LENGTH, complaint));
  return v.union(
    [
      v.pipe(
        text,
        v.transform((same): ConsentText => ({ zh: same, en: same })),
      ),
      v.strictObject({ zh: text, en: text }, complaint),
    ],
    complaint,
  );
}
