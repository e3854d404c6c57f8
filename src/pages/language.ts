/** The two languages of our pages, and the choice between them. */

export type Language = "zh" | "en";

/** No browser sends more; a longer header is not worth the work and counts as missing. */
const MAX_HEADER_LENGTH = 1000;

/**
 * Chinese, unless the visitor's Accept-Language wants English more than any Chinese (RFC 9110 12.5.4).
 * `*` stands for whichever of the two is not named.
 */
export function pickLanguage(acceptLanguage: string | null): Language {
  if (acceptLanguage === null || acceptLanguage.length > MAX_HEADER_LENGTH) return "zh";
  const best = new Map<string, number>();
  for (const part of acceptLanguage.split(",")) {
    const range = parseRange(part);
    if (range !== null) best.set(range.language, Math.max(range.weight, best.get(range.language) ?? 0));
  }
  const others = best.get("*") ?? 0;
  return (best.get("en") ?? others) > (best.get("zh") ?? others) ? "en" : "zh";
}

/** `en-US;q=0.8` → en, 0.8. Anything malformed is `null`: it must not win by accident. */
function parseRange(part: string): { language: string; weight: number } | null {
  const match = /^([a-z]{1,8}|\*)(?:[-_][a-z0-9]{1,8})*(?:\s*;\s*q=([01](?:\.\d{0,3})?))?$/.exec(
    part.trim().toLowerCase(),
  );
  if (match === null) return null;
  return { language: match[1] ?? "", weight: Math.min(1, Number(match[2] ?? 1)) };
}
