/** Buttons. Whatever changes something is a POST by a real button; a link only goes somewhere. */

import { html } from "hono/html";
import type { Markup } from "./markup.ts";

/** A form to `/_wx/login`. With scope `base` the sign-in is silent; the endpoint's default asks for the profile. */
export function loginForm({ to, scope }: { to: string; scope: "base" | "profile" }, ...buttons: Markup[]): Markup {
  return form("/_wx/login", to, [scope === "base" && html`<input type="hidden" name="scope" value="base"/>`, buttons]);
}

export function logoutForm(to: string, ...buttons: Markup[]): Markup {
  return form("/_wx/logout", to, buttons);
}

function form(action: string, to: string, inside: unknown): Markup {
  const target = html`<input type="hidden" name="to" value="${to}"/>`;
  return html`<form class="actions" method="post" action="${action}">${target}${inside}</form>`;
}

/** A form's submit button. `name` is sent, with the value 1, only by the button that was tapped. */
export function submit(look: "primary" | "danger" | "plain", label: string, name?: string): Markup {
  const sent = name !== undefined && html` name="${name}" value="1"`;
  return html`<button class="button ${look}" type="submit"${sent}>${label}</button>`;
}

export function linkButton(href: string, label: string): Markup {
  return html`<a class="button" href="${href}">${label}</a>`;
}
