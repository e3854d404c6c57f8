import type { FailureCode } from "../errors.ts";
import type { Language } from "./language.ts";
import type { Page } from "./page.ts";
import { type Heading, type HeadingKey, TEXTS } from "./texts.ts";

/** Title and first sentence of a page. */
export function headingOf(page: Page, language: Language): Heading {
  const heading = TEXTS[language].headings[headingKey(page)];
  const canSkip = "canSkip" in page && page.canSkip;
  return canSkip && "optional" in heading ? { title: heading.title, lead: heading.optional } : heading;
}

/** Failures that a page says in words; of the others it tells what their status tells. */
const OF_CODES: Readonly<Record<string, HeadingKey>> = {
  outside_wechat: "open_in_wechat",
  wechat_refused_user: "error_account",
} satisfies Partial<Record<FailureCode, HeadingKey>>;

function headingKey(page: Page): HeadingKey {
  const own = "code" in page ? OF_CODES[page.code] : undefined;
  if (own !== undefined) return own;
  if (page.kind === "refused") return page.scope === "base" ? "refused_base" : "refused_profile";
  if (page.kind !== "error") return page.kind;
  if (page.status === 404) return "error_not_found";
  return page.status >= 500 ? "error_server" : "error_request";
}
