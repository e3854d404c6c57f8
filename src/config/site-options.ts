/**
 * Every option of a site, once: its schema is the parser, its words are the reference.
 * An option that needs nothing but its own value is one entry here: it reaches {@link Site} under its
 * camel-case name (`odd_paths` → `oddPaths`).
 */
import * as v from "valibot";
import { type Complaint, complain, flag, list, text } from "./complaint.ts";
import { LEVELS } from "./config.ts";
import { ruleList } from "./rule-options.ts";
import { sessionTable } from "./session-options.ts";
import type { Complete, Options } from "./table.ts";
import { readAppId } from "./values/app-id.ts";
import { choice } from "./values/choice.ts";
import { readCookieName } from "./values/cookie-name.ts";
import { headerTable } from "./values/headers.ts";
import { readHost, readHostPattern } from "./values/host.ts";
import { readBindingName, readSecretName } from "./values/name.ts";
import { readAllowedOrigin, readOrigin } from "./values/origin.ts";
import { verifyFiles } from "./values/verify.ts";

/** TOML gives a key to the table whose heading came last; an option of the site among a sub-table's is that slip. */
function misplacedIn(table: string): (key: string) => Complaint | null {
  return (key) =>
    Object.hasOwn(SITE_OPTIONS, key)
      ? complain(
          `is an option of the site, but TOML put it inside ${table}`,
          `Move it above the line that opens ${table}: in TOML, what follows a table's heading belongs to that table.`,
        )
      : null;
}

export const SITE_OPTIONS = {
  host: {
    schema: text(readHostPattern),
    type: "host",
    required: true,
    example: '"www.example.com"',
    en: "The public host, as visitors type it; `*.example.com` (never the apex) only together with `callback_host`.",
    zh: "访问者输入的域名；`*.example.com`（不含主域名本身）必须同时设置 `callback_host`。",
  },
  origin: {
    schema: text(readOrigin),
    type: '"zone" | URL | "binding:NAME"',
    required: true,
    example: '"zone"',
    en: 'Where requests go: `"zone"` is the same URL\'s own origin behind a Worker route, a URL is another server, `"binding:NAME"` a service or VPC binding.',
    zh: '请求转发的目标：`"zone"` 为 Worker 路由后同一 URL 自己的源站，URL 为另一台服务器，`"binding:NAME"` 为服务绑定或 VPC 绑定。',
  },
  via: {
    schema: text(readBindingName),
    type: "binding name",
    example: '"CLIENT_CERT"',
    en: "Sends the requests of a URL origin through this binding (mTLS).",
    zh: "URL 源站的请求经由此绑定发送（mTLS）。",
  },
  app_id: {
    schema: text(readAppId),
    type: "AppID",
    required: true,
    example: '"wx0123456789abcdef"',
    en: "AppID of the verified service account that visitors sign in through.",
    zh: "访问者登录所用的已认证服务号的 AppID。",
  },
  app_secret: {
    schema: text(readSecretName),
    type: "secret name",
    default: "WECHAT_APP_SECRET",
    example: '"WECHAT_APP_SECRET"',
    en: "The name of the Worker secret that holds the AppSecret, never the AppSecret itself.",
    zh: "存放 AppSecret 的 Worker 密钥的名称，绝不是 AppSecret 本身。",
  },
  access: {
    schema: choice(LEVELS),
    type: LEVELS.map((level) => `"${level}"`).join(" | "),
    default: "login",
    example: '"auto"',
    en: "Access level of the paths that no rule matches.",
    zh: "没有规则匹配的路径的访问级别。",
  },
  outside: {
    schema: choice(["guide", "deny", "flow"], { scan: "is not available yet" }),
    type: '"guide" | "deny" | "flow"',
    default: "guide",
    example: '"deny"',
    en: 'What a browser outside WeChat gets where a sign-in is needed: the open-in-WeChat page or 403; `"flow"` is for the simulator only.',
    zh: '需要登录时，微信以外的浏览器得到什么：“请在微信中打开”页面或 403；`"flow"` 仅用于模拟器。',
  },
  callback_host: {
    schema: text(readHost),
    type: "host",
    example: '"www.example.com"',
    en: "The host registered at WeChat, when it is another than the request's own.",
    zh: "在微信后台登记的域名，与请求的域名不同时填写。",
  },
  verify: {
    schema: verifyFiles(),
    type: "string[]",
    default: [],
    example: '["AbCdEf0123456789"]',
    en: "WeChat's verification files: the 16 characters X of `MP_verify_X.txt`, or `NAME=BODY`.",
    zh: "微信的校验文件：`MP_verify_X.txt` 中的 16 个字符 X，或 `文件名=内容`。",
  },
  mode: {
    schema: choice(["enforce", "observe"]),
    type: '"enforce" | "observe"',
    default: "enforce",
    example: '"observe"',
    en: '`"observe"` only logs what would be decided and forwards everything but `deny` as `optional`.',
    zh: '`"observe"` 只记录会作出的决定，除 `deny` 外全部按 `optional` 转发。',
  },
  odd_paths: {
    schema: choice(["refuse", "strictest"]),
    type: '"refuse" | "strictest"',
    default: "refuse",
    example: '"strictest"',
    en: "Paths with `//`, `%2F`, `;` or double encoding: refused with 400, or judged at the site's strictest level.",
    zh: "含 `//`、`%2F`、`;` 或双重编码的路径：返回 400，或按该站点最严格的级别判断。",
  },
  allowed_origins: {
    schema: v.pipe(
      list(text(readAllowedOrigin)),
      v.transform((origins): ReadonlySet<string> => new Set(origins)),
    ),
    type: "string[]",
    default: [],
    example: '["https://app.example.com"]',
    en: "Further Origins that may open WebSockets and send preflights.",
    zh: "允许建立 WebSocket 连接和发送预检请求的其他来源（Origin）。",
  },
  origin_cookies: {
    schema: v.pipe(
      list(text(readCookieName)),
      v.transform((names): readonly string[] => [...new Set(names)]),
    ),
    type: "string[]",
    default: [],
    example: '["PHPSESSID"]',
    en: "The origin's session cookies, expired at sign-out and when another user signs in on this browser.",
    zh: "源站的会话 Cookie，退出登录或同一浏览器换用户登录时使其失效。",
  },
  rules: {
    schema: ruleList(misplacedIn("rules")),
    type: "table[]",
    default: [],
    example: '[{ path = "/assets/*", access = "open" }]',
    en: "Access levels by path; the first match wins, and the rules of DEFAULTS come after the site's own.",
    zh: "按路径设定访问级别；第一条匹配的规则生效，DEFAULTS 的规则排在站点自己的规则之后。",
  },
  headers: {
    schema: headerTable(misplacedIn("headers")),
    type: "table",
    default: {},
    example: '{ "Remote-User" = "{user}" }',
    en: "Extra headers to the origin by template, or `{secret:NAME}` alone for a Worker secret.",
    zh: "按模板发送给源站的附加请求头；单独写 `{secret:NAME}` 则发送一个 Worker 密钥。",
  },
  session: {
    schema: sessionTable(misplacedIn("session")),
    type: "table",
    default: {},
    example: '{ lifetime = "24h" }',
    en: "How long sessions last: `lifetime`, `renew`, `recheck`.",
    zh: "会话的时长：`lifetime`、`renew`、`recheck`。",
  },
  http: {
    schema: flag(),
    type: "boolean",
    default: false,
    example: "true",
    en: "Serves plain http too (development only).",
    zh: "同时提供明文 http 服务（仅用于开发）。",
  },
} as const satisfies Options;

export type SiteOptions = typeof SITE_OPTIONS;

type Camel<S extends string> = S extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : S;

/** Options that `site.ts` combines with others or with the environment. */
export type CombinedOption = "host" | "origin" | "via" | "app_id" | "app_secret" | "rules" | "headers" | "session";

/** Options that reach a site as they are read. */
export type PlainSiteOptions = {
  [K in Exclude<keyof SiteOptions, CombinedOption> as Camel<K>]: Complete<SiteOptions>[K];
};
