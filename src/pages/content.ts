import { html } from "hono/html";
import { linkButton, loginForm, logoutForm, submit } from "./forms.ts";
import { guide } from "./guide.ts";
import { type IconName, icon } from "./icon.ts";
import { items } from "./items.ts";
import type { Markup } from "./markup.ts";
import type { Page } from "./page.ts";
import { profile, skipButton } from "./profile.ts";
import type { Texts } from "./texts.ts";
import { waitText } from "./wait-text.ts";

/** The sign above the heading, of all others a warning. The guide has none: its QR code should be in sight at once. */
const ICONS: Partial<Readonly<Record<Page["kind"], IconName | null>>> = {
  open_in_wechat: null,
  profile: "person",
  snapshot: "info",
  refused: "info",
  signed_out: "done",
  confirm_sign_out: "info",
};

export function sign({ kind }: Page): Markup {
  const { [kind]: name = "warning" } = ICONS;
  return name === null ? null : icon(name);
}

/** What stands below the heading and the first sentence. */
export function content(page: Page, texts: Texts): Markup {
  const { buttons } = texts;
  switch (page.kind) {
    case "open_in_wechat":
      return guide(page.url, texts.guide);
    case "profile":
      return profile(page, texts);
    case "snapshot":
      return html`<ol>${items(texts.snapshotSteps)}</ol>`;
    case "cookies_blocked":
      return html`<ul>${items(texts.cookieSteps)}</ul>${signInAgain(page.to, texts)}`;
    case "try_again":
      return html`${askForHelp(texts)}${signInAgain(page.to, texts)}`;
    case "signed_out":
      return signInAgain(page.to, texts);
    case "refused": {
      const label = page.scope === "base" ? buttons.signIn : buttons.authoriseAgain;
      return loginForm({ to: page.to, scope: page.scope }, submit("primary", label), skipButton(page, texts));
    }
    case "confirm_sign_out":
      return logoutForm(page.to, submit("danger", buttons.signOut), linkButton(page.to, buttons.cancel));
    case "origin_unreachable":
      // An empty reference is this page's own address: a reload without a script.
      return html`<div class="actions">${linkButton("", buttons.reload)}</div>`;
    case "too_many":
      return wait(page.retryAfterSeconds, texts);
    case "error":
      return page.status >= 500 ? askForHelp(texts) : null;
    case "blocked":
    case "denied":
      return null;
  }
}

function askForHelp(texts: Texts): Markup {
  return html`<p class="lead soft">${texts.askForHelp}</p>`;
}

function signInAgain(to: string, texts: Texts): Markup {
  return loginForm({ to, scope: "base" }, submit("primary", texts.buttons.signIn));
}

function wait(seconds: number, texts: Texts): Markup {
  const text = waitText(seconds, texts);
  return text === null ? null : html`<p class="lead">${text}</p>`;
}
