import { html } from "hono/html";
import { items } from "./items.ts";
import type { Markup } from "./markup.ts";
import { qrCode } from "./qr-code.ts";
import type { Texts } from "./texts.ts";

/** Two ways into WeChat: scan with the phone, or take the link over. The URL is shown and encoded exactly. */
export function guide(url: string, texts: Texts["guide"]): Markup {
  const code = qrCode(url, { label: texts.qrLabel, caption: texts.scan });
  return html`${code}<h2>${texts.copy}</h2><code class="url">${url}</code><ol>${items(texts.steps)}</ol>`;
}
