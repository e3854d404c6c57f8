/** The checked configuration: what every other module works with. Made by `parse.ts`, once per isolate. */

import type { PlainSiteOptions } from "./site-options.ts";

/** Access levels, weakest first; the order is the order of strictness. */
export const LEVELS = ["open", "optional", "auto", "login", "profile", "deny"] as const;
export type Level = (typeof LEVELS)[number];

export type Account = {
  appId: string;
  /** The Worker secret's name, for messages; never its value. */
  secretName: string;
  appSecret: string;
};

export type Rule = {
  /** As configured: `/account/*`. */
  path: string;
  /** Upper-case; `null` = every method. `GET` includes `HEAD`. */
  methods: ReadonlySet<string> | null;
  access: Level;
};

export type Origin =
  /** The same URL's own origin, behind a Worker route. */
  | { kind: "zone" }
  /** Scheme, host and port without a path; `via` names a binding that carries the request (mTLS). */
  | { kind: "url"; base: string; via: string | null }
  /** A service or VPC binding. */
  | { kind: "binding"; name: string };

/** Words of a header template, in the field's contract (design 5). */
export const TEMPLATE_WORDS = [
  "openid",
  "appid",
  "unionid",
  "user",
  "site_user",
  "nickname",
  "avatar",
  "level",
  "sid",
] as const;
export type TemplateWord = (typeof TEMPLATE_WORDS)[number];

export type TemplatePart =
  | { text: string }
  /** The first known word wins: `{site_user|user}`. */
  | { words: readonly TemplateWord[] };

export type HeaderTemplate = {
  /** As configured; compared lower-cased with `_` as `-`. */
  name: string;
  /** Either a fixed secret (sent on every level) or a template (sent only when signed in). */
  value: { secret: string } | { parts: readonly TemplatePart[] };
};

export type SiteSession = { lifetimeSeconds: number; renewSeconds: number; recheckSeconds: number };

/**
 * A checked site. The options that are passed on as read come from their one entry in `site-options.ts`:
 * `access`, `outside`, `callbackHost`, `verify` (file name → body), `mode`, `oddPaths`, `allowedOrigins`,
 * `originCookies`, `http`; `null` where an option without a default is not set.
 */
export type Site = PlainSiteOptions & {
  /** The configured host, lower-case, punycode: `www.example.com` or `*.example.com`. The site's key in D1. */
  id: string;
  origin: Origin;
  account: Account;
  /** The site's own, then those of DEFAULTS. */
  rules: readonly Rule[];
  headers: readonly HeaderTemplate[];
  session: SiteSession;
};

export type Config = {
  sites: readonly Site[];
  /** Without a trailing slash. */
  wechatOpenUrl: string;
  /** Without a trailing slash. */
  wechatApiUrl: string;
  /** WECHAT_OPEN_URL is http on loopback: the simulator; allows plain http and `outside = "flow"`. */
  simulated: boolean;
  /** 32 bytes each; the first seals, every one opens. */
  gatewayKeys: readonly Uint8Array<ArrayBuffer>[];
  /** Private ES256 JWKs with a `kid` each; the first signs, all are published. */
  assertionKeys: readonly AssertionKey[];
  /** Callers of the management API; none = it refuses everybody. */
  apiKeys: readonly ApiKey[];
};

export const API_SCOPES = ["read", "write"] as const;
export type ApiScope = (typeof API_SCOPES)[number];

export type ApiKey = {
  /** In the event log as `api:NAME`. */
  name: string;
  /** SHA-256 of the token, 32 bytes. */
  digest: Uint8Array<ArrayBuffer>;
  scopes: ReadonlySet<ApiScope>;
  /** HOSTs or configured host patterns. */
  hosts: readonly string[];
};

export type AssertionKey = { kty: "EC"; crv: "P-256"; x: string; y: string; d: string; kid: string };

/** One thing wrong with the configuration, in words that need no source code. */
export type Mistake = {
  /** `SITES[0].rules[2].access` */
  key: string;
  /** What was found, shortened; never a secret's value. */
  value: string;
  problem: string;
  remedy: string;
  /** The name of a secret that is not set: all that is wrong, and perhaps only because it lives elsewhere. */
  missingSecret?: string;
};

/** Not wrong, but probably not meant: the doctor prints it, the Worker does not stop for it. */
export type Warning = { key: string; problem: string; remedy: string };

export type ParsedConfig = { ok: true; config: Config; warnings: Warning[] } | { ok: false; mistakes: Mistake[] };
