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

/** 暂不授权, where the page that was wanted can do without. */
export function skipButton({ canSkip }: { canSkip: boolean }, { buttons }: Texts): Markup {
  return canSkip ? submit("plain", buttons.skip, "skip") : null;
}

/** What is asked and why. WeChat's own consent follows only after this tap: else it shows a snapshot instead. */
export function profile(page: Extract<Page, { kind: "profile" }>, all: Texts): Markup {
  const { profile: texts, buttons } = all;
  const why = html`<p class="soft text">${page.consentText ?? texts.why}</p><p class="soft">${texts.next}</p>`;
  const authorise = submit("primary", buttons.authorise);
  const form = loginForm({ to: page.to, scope: "profile" }, authorise, skipButton(page, all));
  return html`<ul class="asked">${items(texts.asked)}</ul>${why}${form}`;
}
