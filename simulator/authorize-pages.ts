/** What a visitor sees at open.weixin.qq.com: error, consent, refusal, and the callback that loads twice. */

import { html } from "hono/html";
import type { AuthorizeProblem } from "./authorize-problems.ts";
import type { AuthorizeRequest } from "./authorize-query.ts";
import { bilingual, type Html, page } from "./page.ts";
import { nicknameText, type Person } from "./people.ts";

/** WeChat's dead end: HTTP 200, nothing to tap. */
export function problemPage(problem: AuthorizeProblem): Html {
  return page(problem.zh, html`<h1>抱歉，出错了</h1><p class="card">${bilingual(problem.zh, problem.en)}</p>`);
}

/** Asks for the profile. */
export function consentPage(request: AuthorizeRequest, person: Person, ticket: string): Html {
  const host = new URL(request.redirectUri).host;
  return page(
    "微信授权",
    html`<h1>${bilingual("申请获取以下权限", "asks for the following")}</h1>
<div class="card">
<p>${bilingual(`${host}（${request.appid}）`, "the account")}</p>
<p>${bilingual("获得你的昵称、头像、地区及性别", "your nickname, avatar, region and gender (snsapi_userinfo)")}</p>
<p>${bilingual(`你是：${nicknameText(person)}`, `you are: ${person.id}`)} · <a href="/">${bilingual("换人", "switch")}</a></p>
</div>
<form action="/connect/oauth2/consent" method="get">
<input type="hidden" name="ticket" value="${ticket}">
<button class="main" name="answer" value="allow">${"允许"} · Allow</button>
<button class="plain" name="answer" value="refuse">${"拒绝"} · Refuse</button>
</form>`,
  );
}

/** A refusal leads nowhere today; older WeChats came back without a code. */
export function refusedPage(ticket: string): Html {
  return page(
    "已拒绝",
    html`<h1>${bilingual("已拒绝授权", "refused")}</h1>
<p class="card">${bilingual("微信不会跳回网站。", "WeChat does not return to the site: iOS closes the page, Android stays here.")}</p>
<p><a href="/connect/oauth2/consent?ticket=${ticket}&amp;answer=return">${bilingual(
      "旧版微信：不带 code 返回",
      "older WeChat: return without a code",
    )}</a></p>`,
  );
}

/**
 * Loads the callback twice with the same code, as some Android clients do: a keepalive request and a
 * navigation at the same moment, or with `after` the navigation once the first answer is there.
 */
export function twinPage(callback: string, after: boolean): Html {
  return page(
    "微信跳转",
    html`<p id="twin" data-callback="${callback}" data-after="${String(after)}">${bilingual("正在跳转…", "two loads of the callback")}</p>
<script>
const { callback, after } = document.getElementById("twin").dataset;
const first = fetch(callback, { mode: "no-cors", credentials: "include", keepalive: true }).catch(() => undefined);
if (after === "true") first.then(() => location.replace(callback));
else location.replace(callback);
</script>`,
  );
}
