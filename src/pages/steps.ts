import { html } from "hono/html";
import type { Markup } from "./markup.ts";

/** What to do, in order or as choices. */
export function steps(texts: readonly (string | Markup)[], { ordered }: { ordered: boolean }): Markup {
  const items = texts.map((text) => html`<li>${text}</li>`);
  return ordered ? html`<ol>${items}</ol>` : html`<ul>${items}</ul>`;
}
