/**
 * Every option of a site, once: its schema is the parser, its words are the reference.
 * An option that needs nothing but its own value is one entry here: it reaches {@link Site} under its
 * camel-case name (`odd_paths` → `oddPaths`).
 */
import { type Complaint, complain, type Read } from "./complaint.ts";
import { LEVELS } from "./config.ts";
import { ruleList } from "./rule-options.ts";
import { andThen, flag, list, reading, text } from "./schema.ts";
import { sessionTable } from "./session-options.ts";
import type { Complete, Options } from "./table.ts";
import { readAppId } from "./values/app-id.ts";
import { choice } from "./values/choice.ts";
import { consentText } from "./values/consent-text.ts";
import { readCookieName } from "./values/cookie-name.ts";
import { durationBetween } from "./values/duration.ts";
import { headerTable } from "./values/headers.ts";
import { readHost, readHostPattern } from "./values/host.ts";
import { readBindingName, readSecretName } from "./values/name.ts";
import { readAllowedOrigin, readOrigin } from "./values/origin.ts";
import { verifyFiles } from "./values/verify.ts";
import { wholeNumberBetween } from "./values/whole-number.ts";

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
    required: true,
    example: '"www.example.com"',
  },
  origin: {
    schema: text(readOrigin),
    required: true,
    example: '"zone"',
  },
  via: {
    schema: text(readBindingName),
    example: '"CLIENT_CERT"',
  },
  app_id: {
    schema: text(readAppId),
    required: true,
    example: '"wx0123456789abcdef"',
  },
  app_secret: {
    schema: text(readSecretName),
    default: "WECHAT_APP_SECRET",
    example: '"WECHAT_APP_SECRET"',
  },
  access: {
    schema: choice(LEVELS),
    default: "login",
    example: '"auto"',
  },
  outside: {
    schema: choice(["guide", "deny", "flow"], { scan: "is not available yet" }),
    default: "guide",
    example: '"deny"',
  },
  callback_host: {
    schema: text(readHost),
    example: '"www.example.com"',
  },
  verify: {
    schema: verifyFiles(),
    default: [],
    example: '["AbCdEf0123456789"]',
  },
  mode: {
    schema: choice(["enforce", "observe"]),
    default: "enforce",
    example: '"observe"',
  },
  odd_paths: {
    schema: choice(["refuse", "strictest"]),
    default: "refuse",
    example: '"strictest"',
  },
  allowed_origins: {
    schema: andThen(
      list(text(readAllowedOrigin)),
      reading((origins): Read<ReadonlySet<string>> => ({ value: new Set(origins) })),
    ),
    default: [],
    example: '["https://app.example.com"]',
  },
  origin_cookies: {
    schema: andThen(
      list(text(readCookieName)),
      reading((names): Read<readonly string[]> => ({ value: [...new Set(names)] })),
    ),
    default: [],
    example: '["PHPSESSID"]',
  },
  rules: {
    schema: ruleList(misplacedIn("rules")),
    default: [],
    example: '[{ path = "/assets/*", access = "open" }]',
  },
  headers: {
    schema: headerTable(misplacedIn("headers")),
    default: {},
    example: '{ "Remote-User" = "{user}" }',
  },
  session: {
    schema: sessionTable(misplacedIn("session")),
    default: {},
    example: '{ lifetime = "24h" }',
  },
  consent_text: {
    schema: consentText(),
    example: '{ zh = "昵称和头像用于显示您的评价。", en = "Your name and picture appear beside your reviews." }',
  },
  first_visit: {
    schema: choice(["silent", "profile"]),
    default: "silent",
    example: '"profile"',
  },
  profile_max_age: {
    schema: durationBetween("1h", "365d"),
    default: "30d",
    example: '"7d"',
  },
  store_profile: {
    schema: flag(),
    default: true,
    example: "false",
  },
  events_days: {
    schema: wholeNumberBetween(1, 3_650),
    default: 90,
    example: "30",
  },
  http: {
    schema: flag(),
    default: false,
    example: "true",
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
