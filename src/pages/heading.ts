import type { Language } from "./language.ts";
import type { Page } from "./page.ts";
import { type Heading, type HeadingKey, TEXTS } from "./texts.ts";

/** Title and first sentence of a page. */
export function headingOf(page: Page, language: Language): Heading {
  return TEXTS[language].headings[headingKey(page)];
}

function headingKey(page: Page): HeadingKey {
  if (page.kind === "refused") return page.scope === "base" ? "refused_base" : "refused_profile";
  if (page.kind !== "error") return page.kind;
  if (page.status === 404) return "error_not_found";
  return page.status >= 500 ? "error_server" : "error_request";
}
