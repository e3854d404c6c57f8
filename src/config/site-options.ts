/**
 * Every option of a site, once: its schema is the parser, its words are the reference.
 * An option that needs nothing but its own value is one entry here: it reaches {@link Site} under its
 * camel-case name (`odd_paths` → `oddPaths`).
 */
import { complain, type Read } from "./complaint.ts";
import { LEVELS } from "./config.ts";
import { ruleList } from "./rule-options.ts";
import { flag, list, text } from "./schema.ts";
import { sessionTable } from "./session-options.ts";
import type { Complete, Hint, Options } from "./table.ts";
import { readAppId } from "./values/app-id.ts";
import { choice } from "./values/choice.ts";
import { readConsentText } from "./values/consent-text.ts";
import { readOriginCookie } from "./values/cookie-name.ts";
import { durationBetween } from "./values/duration.ts";
import { headerTable } from "./values/headers.ts";
import { readHost, readHostPattern } from "./values/host.ts";
import { readBindingName, readSecretName } from "./values/name.ts";
import { readAllowedOrigin, readOrigin } from "./values/origin.ts";
import { VERIFY_FILES } from "./values/verify.ts";
import { wholeNumberBetween } from "./values/whole-number.ts";

/** TOML gives a key to the table whose heading came last; an option of the site among a sub-table's is that slip. */
function misplacedIn(table: string): Hint {
  return (key) =>
    Object.hasOwn(SITE_OPTIONS, key)
      ? complain(
          `is an option of the site, but TOML put it inside ${table}`,
          `Move it above the line that opens ${table}: in TOML, what follows a heading belongs to its table.`,
        )
      : null;
}

export const SITE_OPTIONS = {
  host: {
    schema: text(readHostPattern),
    required: '"www.example.com"',
  },
  origin: {
    schema: text(readOrigin),
    required: '"zone"',
  },
  via: {
    schema: text(readBindingName),
  },
  app_id: {
    schema: text(readAppId),
    required: '"wx0123456789abcdef"',
  },
  app_secret: {
    schema: text(readSecretName),
    default: "WECHAT_APP_SECRET",
  },
  access: {
    schema: choice(LEVELS),
    default: "login",
  },
  outside: {
    schema: choice(["guide", "deny", "flow"], { scan: "is not available yet" }),
    default: "guide",
  },
  callback_host: {
    schema: text(readHost),
  },
  verify: {
    schema: VERIFY_FILES,
    default: [],
  },
  mode: {
    schema: choice(["enforce", "observe"]),
    default: "enforce",
  },
  odd_paths: {
    schema: choice(["refuse", "strictest"]),
    default: "refuse",
  },
  allowed_origins: {
    schema: list(text(readAllowedOrigin), (origins): Read<ReadonlySet<string>> => new Set(origins)),
    default: [],
  },
  origin_cookies: {
    schema: list(text(readOriginCookie), (names): Read<readonly string[]> => [...new Set(names)]),
    default: [],
  },
  rules: {
    schema: ruleList(misplacedIn("rules")),
    default: [],
  },
  headers: {
    schema: headerTable(misplacedIn("headers")),
    default: {},
  },
  session: {
    schema: sessionTable(misplacedIn("session")),
    default: {},
  },
  consent_text: {
    schema: readConsentText,
  },
  first_visit: {
    schema: choice(["silent", "profile"]),
    default: "silent",
  },
  profile_max_age: {
    schema: durationBetween("1h", "365d"),
    default: "30d",
  },
  store_profile: {
    schema: flag,
    default: true,
  },
  events_days: {
    schema: wholeNumberBetween(1, 3_650),
    default: 90,
  },
  http: {
    schema: flag,
    default: false,
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
