/** The round sign above a heading. It only repeats the heading, so it is hidden from screen readers. */

import { html } from "hono/html";
import type { Markup } from "./markup.ts";

export type IconName = "info" | "done" | "warning" | "person";

const GLYPHS: Record<IconName, { colour: string; path: string }> = {
  info: { colour: "var(--info)", path: "M32 28v18M32 18v1" },
  done: { colour: "var(--main)", path: "M20 33l8 8 17-18" },
  warning: { colour: "var(--warn)", path: "M32 18v17M32 45v1" },
  person: { colour: "var(--main)", path: "M32 18a7 7 0 1 1 0 14a7 7 0 1 1 0-14M18 48c1-8 7-11 14-11s13 3 14 11" },
};

export function icon(name: IconName): Markup {
  const { colour, path } = GLYPHS[name];
  const stroke = html`stroke="#fff" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"`;
  const shapes = html`<circle cx="32" cy="32" r="32" fill="${colour}"/><path d="${path}" fill="none" ${stroke}/>`;
  return html`<svg class="icon" viewBox="0 0 64 64" aria-hidden="true">${shapes}</svg>`;
}
