/** Why a site asks for a profile, in its own words. */
import { complain, type Read } from "../complaint.ts";
import { isTable } from "../table.ts";

type ConsentText = { zh: string; en: string };

const TEXT_MAX_LENGTH = 300;

/** Reads one text in both languages, or the same text for both. */
export function readConsentText(value: unknown): Read<ConsentText> {
  const texts = isTable(value) ? value : { zh: value, en: value };
  const [zh, en] = [shortText(texts.zh), shortText(texts.en)];
  const wrong = Object.keys({ zh, en, ...texts }).filter((name) => !((name === "zh" && zh) || (name === "en" && en)));
  if (zh !== null && en !== null && wrong.length === 0) return { zh, en };
  const remedy = `Write text of at most ${TEXT_MAX_LENGTH} characters, or { zh = "…", en = "…" } with both.`;
  return complain(isTable(value) ? `is not two short texts: see ${wrong.join(", ")}` : "is no short text", remedy);
}

function shortText(value: unknown): string | null {
  const text = typeof value === "string" ? value.trim() : "";
  return text !== "" && text.length <= TEXT_MAX_LENGTH ? text : null;
}
