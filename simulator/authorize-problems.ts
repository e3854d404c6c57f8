/** What open.weixin.qq.com shows instead of going on. The visitor never comes back from these pages. */

export type AuthorizeProblem = { zh: string; en: string };

const AUTHORIZE_PROBLEMS = {
  link: { zh: "该链接无法访问", en: "parameter order, name or value wrong" },
  10003: { zh: "redirect_uri域名与后台配置不一致，错误码:10003", en: "redirect_uri is not on a registered domain" },
  10004: { zh: "此公众号被封禁，错误码:10004", en: "account banned" },
  10005: { zh: "此公众号并没有这些scope的权限，错误码:10005", en: "account lacks this scope" },
  10006: { zh: "必须关注此测试号，错误码:10006", en: "follow the test account first" },
  10009: { zh: "操作太频繁了，请稍后重试，错误码:10009", en: "too frequent" },
  10010: { zh: "scope不能为空，错误码:10010", en: "scope is empty" },
  10011: { zh: "redirect_uri不能为空，错误码:10011", en: "redirect_uri is empty" },
  10012: { zh: "appid不能为空，错误码:10012", en: "appid is empty" },
  10013: { zh: "state不能为空，错误码:10013", en: "state is empty" },
  10015: { zh: "公众号未授权第三方平台，请检查授权状态，错误码:10015", en: "third-party platform not authorised" },
  10016: { zh: "不支持微信开放平台的Appid，请使用公众号Appid，错误码:10016", en: "appid of a website or an app" },
  10038: { zh: "参数错误，错误码:10038", en: "meaning not documented" },
  appid: { zh: "AppID 参数错误", en: "unknown appid" },
  "state-long": { zh: "state参数过长", en: "state is longer than 128 bytes" },
  "state-charset": { zh: "state参数格式错误", en: "state may only hold a-zA-Z0-9" },
} as const satisfies Record<string | number, AuthorizeProblem>;

export type AuthorizeProblemId = keyof typeof AUTHORIZE_PROBLEMS;

/** A problem by its id, or a page in the same style for a number that the table does not have. */
export function authorizeProblem(id: AuthorizeProblemId | number): AuthorizeProblem {
  const known: Readonly<Record<string | number, AuthorizeProblem>> = AUTHORIZE_PROBLEMS;
  return known[id] ?? { zh: `错误码:${id}`, en: "not in the table" };
}
