/** All pages the gateway itself shows. A page is plain data; `renderPage` makes it a whole document. */

import { headingOf } from "./heading.ts";
import type { Language } from "./language.ts";
import { renderDocument } from "./layout.ts";

export type { Language } from "./language.ts";
export { PAGE_STYLE, pageSecurityPolicy } from "./style.ts";

/** `to` is an already sanitised path of this host; `url` and `code` are shown as they are. */
export type Page =
  | { kind: "open_in_wechat"; url: string }
  | { kind: "profile"; to: string; consentText: string | null; failed: boolean; canSkip: boolean }
  | { kind: "snapshot" }
  | { kind: "refused"; to: string; scope: "base" | "profile"; canSkip: boolean }
  | { kind: "try_again"; code: string; to: string }
  | { kind: "cookies_blocked"; code: string; to: string }
  | { kind: "blocked" }
  | { kind: "signed_out"; to: string }
  | { kind: "confirm_sign_out"; to: string }
  | { kind: "origin_unreachable" }
  | { kind: "too_many"; code: string; retryAfterSeconds: number }
  | { kind: "denied" }
  | { kind: "error"; code: string; status: number };

/** The page's title, which is also its only first-level heading. */
export function pageTitle(page: Page, language: Language): string {
  return headingOf(page, language).title;
}

/** The whole HTML document, from `<!doctype html>` on. Send it with {@link pageSecurityPolicy}. */
export async function renderPage(page: Page, language: Language, requestId: string): Promise<string> {
  return `<!doctype html>${await renderDocument(page, language, requestId)}`;
}
