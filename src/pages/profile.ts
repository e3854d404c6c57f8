import { html } from "hono/html";
import { loginForm, submit } from "./forms.ts";
import { items } from "./items.ts";
import type { Markup } from "./markup.ts";
import type { Page } from "./page.ts";
import type { Texts } from "./texts.ts";

/** Why this page is here again; said before what it asks. */
export function failedNotice(text: string): Markup {
  return html`<p class="notice" role="alert">${text}</p>`;
}

/** What is asked and why. WeChat's own consent follows only after this tap: else it shows a snapshot instead. */
export function profile(page: Extract<Page, { kind: "profile" }>, { profile: texts, buttons }: Texts): Markup {
  const why = html`<p class="soft text">${page.consentText ?? texts.why}</p><p class="soft">${texts.next}</p>`;
  const skip = page.canSkip ? submit("plain", buttons.skip, "skip") : null;
  const form = loginForm({ to: page.to, scope: "profile" }, submit("primary", buttons.authorise), skip);
  return html`<ul class="asked">${items(texts.asked)}</ul>${why}${form}`;
}
