import { html, raw } from "hono/html";
import { content, sign } from "./content.ts";
import { headingOf } from "./heading.ts";
import type { Language } from "./language.ts";
import type { Markup } from "./markup.ts";
import type { Page } from "./page.ts";
import { failedNotice } from "./profile.ts";
import { PAGE_STYLE } from "./style.ts";
import { TEXTS } from "./texts.ts";

/** What every page says to browsers. iOS would make a phone number of a request id. */
const METADATA = `<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width,initial-scale=1,viewport-fit=cover"/>
<meta name="format-detection" content="telephone=no"/>`;

/** The `<html>` element. */
export async function renderDocument(page: Page, language: Language, requestId: string): Promise<string> {
  const texts = TEXTS[language];
  const { title, lead } = headingOf(page, language);
  const notice = page.kind === "profile" && page.failed ? failedNotice(texts.profile.failed) : null;
  const head = html`${raw(METADATA)}<title>${title}</title><style>${raw(PAGE_STYLE)}</style>`;
  const main = [sign(page), html`<h1>${title}</h1>`, notice, html`<p class="lead">${lead}</p>`, content(page, texts)];
  const foot = ["code" in page && footLine(texts.foot.code, page.code), footLine(texts.foot.requestId, requestId)];
  const body = html`<main>${main}</main><footer>${foot}</footer>`;
  return String(await html`<html lang="${texts.tag}"><head>${head}</head><body>${body}</body></html>`);
}

/** For whoever asks the site for help; the only technical thing on a page. */
function footLine(label: string, value: string): Markup {
  return html`<p>${label} <code>${value}</code></p>`;
}
