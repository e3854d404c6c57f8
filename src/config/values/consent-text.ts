/** Why a site asks for a profile, in its own words. */
import { complain, type Read } from "../complaint.ts";
import { andThen, text } from "../schema.ts";
import { isTable, wholeTable } from "../table.ts";

type ConsentText = { zh: string; en: string };

const TEXT_MAX_LENGTH = 300;

const SHORT = text((written): Read<string> => {
  const tidy = written.trim();
  if (tidy !== "" && tidy.length <= TEXT_MAX_LENGTH) return tidy;
  return complain("is no short text", `Write text of at most ${TEXT_MAX_LENGTH} characters.`);
});
const FOR_BOTH = andThen(SHORT, (tidy): ConsentText => ({ zh: tidy, en: tidy }));

const SHAPE = 'one text, or { zh = "…", en = "…" }';
const OF_EACH = wholeTable(SHAPE, { zh: { schema: SHORT, required: '"…"' }, en: { schema: SHORT, required: '"…"' } });

/** Reads one text in both languages, or the same text for both. */
export const readConsentText = (value: unknown): Read<ConsentText> =>
  typeof value === "string"
    ? FOR_BOTH(value)
    : isTable(value)
      ? OF_EACH(value)
      : complain("is neither", `Write ${SHAPE}.`);
