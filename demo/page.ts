/** The demo origin's one page: the request as the origin saw it, and a link to every access level. */

import { html } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";
import { identityOf, shownHeaders } from "./request-view.ts";

const LINKS: readonly (readonly [path: string, zh: string, en: string])[] = [
  ["/", "login：必须登录", "login: signed in, always"],
  ["/open/hello", "open：不带身份", "open: no identity"],
  ["/optional/hello", "optional：已登录才带身份", "optional: identity if signed in"],
  ["/shop/hello", "auto：微信里静默登录", "auto: signed in silently in WeChat"],
  ["/account/hello", "profile：需要授权昵称头像", "profile: consented profile"],
  ["/admin/hello", "deny：一律拒绝", "deny: 403"],
  ["/_wx/me", "我是谁", "who am I (JSON)"],
  ["/_wx/logout", "退出", "sign out"],
  ["/_wx/login?to=/", "登录", "sign in"],
];

/** The whole page. */
export function requestPage(request: Request): HtmlEscapedString | Promise<HtmlEscapedString> {
  const url = new URL(request.url);
  const identity = identityOf(request);
  const rows = shownHeaders(request).map(([name, value]) => html`<tr><th>${name}</th><td>${value}</td></tr>`);
  const links = LINKS.map(([path, zh, en]) => html`<li><a href="${path}">${zh}</a> <small>${en}</small></li>`);
  return html`<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>演示网站 Demo origin</title>
<style>
body { margin: 0 auto; max-width: 40rem; overflow-wrap: anywhere; padding: 1rem; font: 1rem/1.6 system-ui, sans-serif }
small { color: #666 }
li { padding: .3rem 0 }
table { width: 100%; border-collapse: collapse; font-size: .9rem }
th, td { padding: .3rem; border-bottom: 1px solid #ddd; text-align: left; vertical-align: top; overflow-wrap: anywhere }
th { width: 35%; font-weight: normal; color: #555 }
</style>
</head>
<body>
<h1>演示网站 <small>demo origin</small></h1>
${
  identity === null
    ? html`<p id="who">未登录 <small>nobody is signed in</small></p>`
    : html`<p id="who">已登录：<b>${identity.nickname || identity.openid}</b> <small>signed in as ${identity.user}, level ${identity.level}</small></p>`
}
<p><code>${request.method} ${url.pathname}${url.search}</code></p>
<h2>源站收到的请求头 <small>headers the origin received</small></h2>
<table>${rows.length > 0 ? rows : html`<tr><td>（没有 none）</td></tr>`}</table>
<h2>试试 <small>try</small></h2>
<ul>${links}</ul>
</body>
</html>`;
}
