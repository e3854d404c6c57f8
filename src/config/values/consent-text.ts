/** Why a site asks for a profile, in its own words. */
import * as v from "valibot";
import { complain, type Read, reading } from "../complaint.ts";
import { isTable } from "../table.ts";

export type ConsentText = { zh: string; en: string };

const TEXT_MAX_LENGTH = 300;

/** A schema for one text in both languages, or the same text for both. */
export function consentText() {
  return v.pipe(v.unknown(), reading(readConsentText));
}

function readConsentText(value: unknown): Read<ConsentText> {
  const { zh, en, ...others } = isTable(value) ? value : { zh: value, en: value };
  const texts = { zh: shortText(zh), en: shortText(en) };
  if (texts.zh !== null && texts.en !== null && Object.keys(others).length === 0) {
    return { value: { zh: texts.zh, en: texts.en } };
  }
  return complain(
    "is no short text",
    `Write text of at most ${TEXT_MAX_LENGTH} characters, or { zh = "…", en = "…" } with both.`,
  );
}

function shortText(value: unknown): string | null {
  const text = typeof value === "string" ? value.trim() : "";
  return text !== "" && text.length <= TEXT_MAX_LENGTH ? text : null;
}
