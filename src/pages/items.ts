import { html } from "hono/html";
import type { Markup } from "./markup.ts";

/** What a list lists. */
export function items(texts: readonly (string | Markup)[]): Markup[] {
  return texts.map((text) => html`<li>${text}</li>`);
}
