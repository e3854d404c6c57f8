/** What is said once everything answers. */

import type { Ports } from "./options.ts";

export function welcome(ports: Ports): string {
  const site = `http://localhost:${ports.gateway}`;
  const simulator = `http://localhost:${ports.simulator}`;
  return `
  网站 site      ${site}   wxgate, in front of the demo site
  微信 WeChat    ${simulator}   simulator: choose who you are
  源站 origin    http://localhost:${ports.origin}   the demo site itself, without a gateway

  试试 try
  · 打开网站，立即静默登录   open the site: signed in at once, silently
      ${site}/
  · 授权昵称和头像           consent to nickname and avatar
      ${site}/account/hello
  · 退出后换一个人           sign out, become somebody else (emoji, broken nicknames, snapshot page, banned)
      ${simulator}/
  · 让微信出错               make the next sign-in fail: a wrong AppSecret; GET /control has all of it
      curl ${simulator}/control -d '{"next":[{"endpoint":"access_token","errcode":40125}]}'

  Ctrl-C 全部结束 stops everything
`;
}
