/** The frame of the simulator's own pages: plain, readable on a phone, nothing loaded from outside. */

import { html } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/** Chinese first, English small. */
export function bilingual(zh: string, en: string): Html {
  return html`${zh} <small>${en}</small>`;
}

/** A whole page. */
export function page(title: string, body: Html): Html {
  return html`<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>
body { margin: 0 auto; max-width: 34rem; padding: 1rem; font: 1rem/1.6 system-ui, sans-serif; color: #191919; background: #f7f7f7 }
h1 { font-size: 1.3rem; line-height: 1.3 }
small { color: #6b6b6b; font-size: .8em }
.note { padding: .5rem .75rem; background: #fff4d6; border-radius: .5rem }
.card { padding: 1rem; background: #fff; border-radius: .5rem; overflow-wrap: anywhere }
button { display: block; width: 100%; min-height: 2.9rem; margin: .5rem 0; padding: .4rem .8rem; border: 1px solid #d5d5d5;
  border-radius: .5rem; background: #fff; font: inherit; color: inherit; text-align: left; overflow-wrap: anywhere; cursor: pointer }
button.main { border-color: #07823f; background: #07823f; color: #fff; text-align: center }
button.plain { text-align: center }
button[aria-current] { border: 2px solid #07823f }
pre { white-space: pre-wrap; overflow-wrap: anywhere }
</style>
</head>
<body>
<p class="note">微信模拟器，不是微信 <small>WeChat simulator, not WeChat</small></p>
${body}
</body>
</html>`;
}
