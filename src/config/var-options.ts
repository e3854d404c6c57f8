/** The variables and secrets beside the sites. */
import { text } from "./complaint.ts";
import type { Options } from "./table.ts";
import { readServiceUrl } from "./values/service-url.ts";

/** Addresses of WeChat; `complete` fills the defaults in. */
export const URL_OPTIONS = {
  WECHAT_OPEN_URL: {
    schema: text(readServiceUrl),
    type: "URL",
    default: "https://open.weixin.qq.com",
    example: '"http://localhost:8788"',
    en: "Where visitors are sent to sign in: https, or http on loopback (the simulator).",
    zh: "访问者登录时跳转到的地址：https，或本机上的 http（模拟器）。",
  },
  WECHAT_API_URL: {
    schema: text(readServiceUrl),
    type: "URL",
    default: "https://api.weixin.qq.com",
    example: '"http://localhost:8788"',
    en: "Where codes are exchanged: https, or http on loopback (the simulator).",
    zh: "用 code 换取凭证的接口地址：https，或本机上的 http（模拟器）。",
  },
} as const satisfies Options;

/** A variable or secret that has a reader of its own; for the reference. */
export type VarEntry = { name: string; kind: "var" | "secret"; type: string; default?: string; en: string; zh: string };

export const VAR_ENTRIES: readonly VarEntry[] = [
  {
    name: "SITES, SITES_2 … SITES_9",
    kind: "var",
    type: "table[] | JSON",
    en: "The sites, joined in order; several because a variable holds 5 KB at most.",
    zh: "站点列表，按顺序合并；单个变量最多 5 KB，故可分为多个。",
  },
  {
    name: "DEFAULTS",
    kind: "var",
    type: "table | JSON",
    en: "Options for every site but `host`; a site's own value wins, its rules come first.",
    zh: "所有站点共用的选项（`host` 除外）；站点自己的值优先，其规则排在前面。",
  },
  ...Object.entries(URL_OPTIONS).map(([name, option]) => ({ name, kind: "var" as const, ...option })),
  {
    name: "WECHAT_APP_SECRET",
    kind: "secret",
    type: "text",
    en: "The AppSecret; other names by `app_secret`, one for each AppID.",
    zh: "AppSecret；可用 `app_secret` 指定其他名称，每个 AppID 一个。",
  },
  {
    name: "GATEWAY_SECRET",
    kind: "secret",
    type: "base64url keys",
    en: "Keys of 32 bytes, comma-separated: the first seals cookies and tokens, every one opens.",
    zh: "以逗号分隔的 32 字节密钥：第一个用于加密 Cookie 和令牌，全部可用于解密。",
  },
  {
    name: "ASSERTION_KEYS",
    kind: "secret",
    type: "JWK Set",
    en: "Private ES256 keys: the first signs assertions, the public halves of all are published.",
    zh: "ES256 私钥集：第一个用于签发断言，全部公钥对外公布。",
  },
];
