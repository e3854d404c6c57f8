/** The words of the configuration reference. Not imported by the Worker: it needs the schemas only. */
import { LEVELS } from "./config.ts";
import type { RULE_OPTIONS } from "./rule-options.ts";
import type { SESSION_OPTIONS } from "./session-options.ts";
import type { SITE_OPTIONS } from "./site-options.ts";
import { URL_OPTIONS } from "./var-options.ts";

export type Words = {
  /** As in the reference: `string[]`. */
  type: string;
  /** TOML, without the option's name; a required option has it beside its schema. */
  example?: string;
  en: string;
  zh: string;
};

export const SITE_WORDS: Readonly<Record<keyof typeof SITE_OPTIONS, Words>> = {
  host: {
    type: "host",
    en: "The public host, as visitors type it; `*.example.com` (never the apex) only together with `callback_host`.",
    zh: "访问者输入的域名；`*.example.com`（不含主域名本身）必须同时设置 `callback_host`。",
  },
  origin: {
    type: '"zone" | URL | "binding:NAME"',
    en: 'Where requests go: `"zone"` is the same URL\'s own origin behind a Worker route, a URL is another server, `"binding:NAME"` a service or VPC binding.',
    zh: '请求转发的目标：`"zone"` 为 Worker 路由后同一 URL 自己的源站，URL 为另一台服务器，`"binding:NAME"` 为服务绑定或 VPC 绑定。',
  },
  via: {
    type: "binding name",
    example: '"CLIENT_CERT"',
    en: "Sends the requests of a URL origin through this binding (mTLS).",
    zh: "URL 源站的请求经由此绑定发送（mTLS）。",
  },
  app_id: {
    type: "AppID",
    en: "AppID of the verified service account that visitors sign in through.",
    zh: "访问者登录所用的已认证服务号的 AppID。",
  },
  app_secret: {
    type: "secret name",
    example: '"WECHAT_APP_SECRET"',
    en: "The name of the Worker secret that holds the AppSecret, never the AppSecret itself.",
    zh: "存放 AppSecret 的 Worker 密钥的名称，绝不是 AppSecret 本身。",
  },
  access: {
    type: LEVELS.map((level) => `"${level}"`).join(" | "),
    example: '"auto"',
    en: "Access level of the paths that no rule matches.",
    zh: "没有规则匹配的路径的访问级别。",
  },
  outside: {
    type: '"guide" | "deny" | "flow"',
    example: '"deny"',
    en: 'What a browser outside WeChat gets where a sign-in is needed: the open-in-WeChat page or 403; `"flow"` is for the simulator only.',
    zh: '需要登录时，微信以外的浏览器得到什么：“请在微信中打开”页面或 403；`"flow"` 仅用于模拟器。',
  },
  callback_host: {
    type: "host",
    example: '"www.example.com"',
    en: "The host registered at WeChat, when it is another than the request's own.",
    zh: "在微信后台登记的域名，与请求的域名不同时填写。",
  },
  verify: {
    type: "string[]",
    example: '["AbCdEf0123456789"]',
    en: "WeChat's verification files: the 16 characters X of `MP_verify_X.txt`, or `NAME=BODY`.",
    zh: "微信的校验文件：`MP_verify_X.txt` 中的 16 个字符 X，或 `文件名=内容`。",
  },
  mode: {
    type: '"enforce" | "observe"',
    example: '"observe"',
    en: '`"observe"` only logs what would be decided and forwards everything but `deny` as `optional`.',
    zh: '`"observe"` 只记录会作出的决定，除 `deny` 外全部按 `optional` 转发。',
  },
  odd_paths: {
    type: '"refuse" | "strictest"',
    example: '"strictest"',
    en: "Paths with `//`, `%2F`, `;` or double encoding: refused with 400, or judged at the site's strictest level.",
    zh: "含 `//`、`%2F`、`;` 或双重编码的路径：返回 400，或按该站点最严格的级别判断。",
  },
  allowed_origins: {
    type: "string[]",
    example: '["https://app.example.com"]',
    en: "Further Origins that may open WebSockets and send preflights.",
    zh: "允许建立 WebSocket 连接和发送预检请求的其他来源（Origin）。",
  },
  origin_cookies: {
    type: "string[]",
    example: '["PHPSESSID"]',
    en: 'The origin\'s session cookies, expired at sign-out and when another user signs in on this browser; `"JSESSIONID; Path=/shop"` for one that the origin sets with a Path other than `/`.',
    zh: '源站的会话 Cookie，退出登录或同一浏览器换用户登录时使其失效；源站设置的 Path 不是 `/` 时，写成 `"JSESSIONID; Path=/shop"`。',
  },
  consent_text: {
    type: "text | { zh, en }",
    example: '{ zh = "昵称和头像用于显示您的评价。", en = "Your name and picture appear beside your reviews." }',
    en: "Why the site asks for nickname and avatar, shown on the profile page in place of our own sentence.",
    zh: "网站为何需要昵称和头像，显示在授权页上，代替默认说明。",
  },
  first_visit: {
    type: '"silent" | "profile"',
    example: '"profile"',
    en: '`"profile"`: a new visitor whose very first sign-in begins at a `login` path meets the profile page then, and may say not now for 30 days.',
    zh: '`"profile"`：新访问者的首次登录若由 `login` 路径发起，登录后先看到授权页，可选择“暂不授权”，30 天内不再询问。',
  },
  profile_max_age: {
    type: "duration",
    example: '"7d"',
    en: "How long a consented profile counts at any login without asking again, 1h to 365d; an older one is renewed in the background where WeChat allows it. Sites of one AppID share the profile: give them the same value.",
    zh: "授权过的资料在多长时间内无需再次询问，1h 至 365d；更旧的资料在微信允许时于后台更新。同一 AppID 的站点共用资料，应取相同的值。",
  },
  store_profile: {
    type: "boolean",
    example: "false",
    en: "`false` keeps nickname and avatar out of D1: they live in the visitor's session cookie only.",
    zh: "`false` 表示昵称和头像不写入 D1，只存在于访问者的会话 Cookie 中。",
  },
  events_days: {
    type: "integer",
    example: "30",
    en: "How many days events are kept, 1 to 3650.",
    zh: "事件保留的天数，1 至 3650。",
  },
  rules: {
    type: "table[]",
    example: '[{ path = "/assets/*", access = "open" }]',
    en: "Access levels by path; the first match wins, and the rules of DEFAULTS come after the site's own.",
    zh: "按路径设定访问级别；第一条匹配的规则生效，DEFAULTS 的规则排在站点自己的规则之后。",
  },
  headers: {
    type: "table",
    example: '{ "Remote-User" = "{user}" }',
    en: "Extra headers to the origin by template, or `{secret:NAME}` alone for a Worker secret.",
    zh: "按模板发送给源站的附加请求头；单独写 `{secret:NAME}` 则发送一个 Worker 密钥。",
  },
  session: {
    type: "table",
    example: '{ lifetime = "24h" }',
    en: "How long sessions last: `lifetime`, `renew`, `recheck`.",
    zh: "会话的时长：`lifetime`、`renew`、`recheck`。",
  },
  http: {
    type: "boolean",
    example: "true",
    en: "Serves plain http too (development only).",
    zh: "同时提供明文 http 服务（仅用于开发）。",
  },
};

export const RULE_WORDS: Readonly<Record<keyof typeof RULE_OPTIONS, Words>> = {
  path: {
    type: "pattern",
    en: "Path pattern: `*` within a segment, `**` or a final `/*` for everything below (`/a/*` also matches `/a`).",
    zh: "路径模式：`*` 匹配一段之内的任意字符，`**` 或结尾的 `/*` 匹配其下全部路径（`/a/*` 也匹配 `/a`）。",
  },
  methods: {
    type: "string[]",
    example: '["POST"]',
    en: "Methods that the rule is for, every one when left out; `GET` includes `HEAD`.",
    zh: "规则适用的请求方法，省略则适用全部方法；`GET` 包含 `HEAD`。",
  },
  access: {
    type: LEVELS.map((level) => `"${level}"`).join(" | "),
    en: "Access level of the paths that the rule matches; the first matching rule wins.",
    zh: "匹配路径的访问级别；按顺序第一条匹配的规则生效。",
  },
};

export const SESSION_WORDS: Readonly<Record<keyof typeof SESSION_OPTIONS, Words>> = {
  lifetime: {
    type: "duration",
    example: '"7d"',
    en: "How long a session lasts at most, 10s to 90d.",
    zh: "会话的最长有效期，10s 至 90d。",
  },
  renew: {
    type: "duration",
    example: '"30m"',
    en: "In WeChat, an older sign-in goes silently through WeChat again at the next navigation, which catches a switched account; 10s to 90d.",
    zh: "在微信内，登录时间超过此值后，下一次打开页面时会静默重新登录，以发现切换了的微信账号；10s 至 90d。",
  },
  recheck: {
    type: "duration",
    example: '"1m"',
    en: "How late a block or a sign-out elsewhere may take effect, 30s to 1h.",
    zh: "封禁或在别处退出登录最迟多久生效，30s 至 1h。",
  },
};

const URL_WORDS: Readonly<Record<keyof typeof URL_OPTIONS, Words>> = {
  WECHAT_OPEN_URL: {
    type: "URL",
    en: "Where visitors are sent to sign in: https, or http on loopback (the simulator).",
    zh: "访问者登录时跳转到的地址：https，或本机上的 http（模拟器）。",
  },
  WECHAT_API_URL: {
    type: "URL",
    en: "Where codes are exchanged: https, or http on loopback (the simulator).",
    zh: "用 code 换取凭证的接口地址：https，或本机上的 http（模拟器）。",
  },
};

/** A variable or secret that has a reader of its own; for the reference. */
type VarEntry = { name: string; kind: "var" | "secret"; type: string; default?: string; en: string; zh: string };

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
  ...Object.entries(URL_OPTIONS).map(([name, option]) => ({
    name,
    kind: "var" as const,
    default: option.default,
    ...URL_WORDS[name as keyof typeof URL_OPTIONS],
  })),
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
  {
    name: "API_KEYS",
    kind: "secret",
    type: "JSON list",
    en: "Keys of the management API, by digest: `npm run keys -- --api NAME` makes one. Not set, the API refuses everybody.",
    zh: "管理 API 的密钥（只存摘要）：用 `npm run keys -- --api 名称` 生成。未设置时 API 拒绝所有请求。",
  },
];
