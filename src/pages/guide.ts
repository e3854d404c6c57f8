import { html } from "hono/html";
import type { Markup } from "./markup.ts";
import { qrCode } from "./qr-code.ts";
import { steps } from "./steps.ts";
import type { Texts } from "./texts.ts";

/** Two ways into WeChat: scan with the phone, or take the link over. The URL is shown and encoded exactly. */
export function guide(url: string, texts: Texts["guide"]): Markup {
  const code = qrCode(url, { label: texts.qrLabel, caption: texts.scan });
  return html`${code}<h2>${texts.copy}</h2><code class="url">${url}</code>${steps(texts.steps, { ordered: true })}`;
}
