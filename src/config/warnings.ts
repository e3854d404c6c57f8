/** What is not wrong, but probably not meant. */
import { complain, type Wrong } from "./complaint.ts";
import { LEVELS, type Level, type Rule, type Site, type Warning } from "./config.ts";
import { nearest } from "./nearest.ts";
import { coversEverything, shadowedRules } from "./shadow.ts";
import type { Merged } from "./site.ts";
import type { Source } from "./source.ts";
import { isPrivate } from "./values/address.ts";
import { servesHost } from "./values/host.ts";

/** A checked site and where its options were written. */
export type BuiltSite = { site: Site; merged: Merged };

const strength = (level: Level) => LEVELS.indexOf(level);
const isPlainHttp = (base: string) => base.startsWith("http:") && !isPrivate(new URL(base).hostname);

/** Rules are looked at where they were written: a site's rule may well take the place of one of DEFAULTS. */
function ruleWarnings({ key, values }: Source): Warning[] {
  const rules: readonly Rule[] = values.rules ?? [];
  const shadowed = shadowedRules(rules).map(({ rule, by, otherCasesOnly }) => ({
    key: `${key}.rules[${rule}]`,
    problem: `${otherCasesOnly ? "matches in other letter cases only" : "never matches"}: rules[${by}] (${rules[by]?.path}) comes first and takes all its paths and methods`,
    remedy: "Move it up, or remove it.",
  }));
  const open = rules.flatMap((rule, index) =>
    rule.access === "open" && coversEverything(rule)
      ? [{ key: `${key}.rules[${index}]`, problem: "opens every path", remedy: "Open only what needs no visitor." }]
      : [],
  );
  return [
    ...shadowed,
    ...open,
    ...rules.flatMap((rule, index) => methodWarnings(rule, `${key}.rules[${index}].methods`)),
  ];
}

/** Those of HTTP and of WebDAV. */
const SENT_METHODS = [
  ...["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY", "PURGE", "PROPFIND", "PROPPATCH", "MKCOL"],
  ...["COPY", "MOVE", "LOCK", "UNLOCK", "REPORT", "SEARCH", "ACL", "MKCALENDAR"],
];

function methodWarnings({ methods }: Rule, key: string): Warning[] {
  return [...(methods ?? [])]
    .filter((method) => !SENT_METHODS.includes(method))
    .map((method) => {
      const near = nearest(method, SENT_METHODS);
      const meant = near === null ? "Correct it." : `Did you mean "${near}"?`;
      return {
        key,
        problem: `has "${method}", which nobody sends`,
        remedy: `${meant} If your clients do send it, nothing.`,
      };
    });
}

function* siteWarnings({ site, merged }: BuiltSite, sites: readonly BuiltSite[]): Generator<[string, Wrong]> {
  const { keyOf, raw } = merged;
  const { origin, callbackHost, session } = site;
  // What is denied says nothing about who may see the rest.
  const strictest = site.rules.reduce<Level>(
    (most, { access }) => (access !== "deny" && strength(access) > strength(most) ? access : most),
    "open",
  );
  // An openid is asked for everywhere from `login` up: the usual site with a few `profile` paths is no slip.
  if (strength(site.access) < strength("login") && strength(strictest) >= strength("login")) {
    yield [
      keyOf("access"),
      complain(
        `is "${site.access}", weaker than a rule's "${strictest}": a path that the rules forget passes with less`,
        'Make access the strictest level and weaken by rule, or accept it: a shop that stays "auto" means it.',
      ),
    ];
  }
  if (origin.kind === "url" && isPlainHttp(origin.base)) {
    yield [
      keyOf("origin"),
      complain("sends identities over plain http", "Use https between the gateway and the origin."),
    ];
  }
  if (origin.kind === "url" && servesHost(site.id, new URL(origin.base).host)) {
    const remedy = 'Name the origin by another host, or write "zone" where a Worker route leads here.';
    yield [keyOf("origin"), complain("is the site's own host: the gateway would call itself", remedy)];
  }
  if (site.http) yield [keyOf("http"), complain("serves plain http", "Remove it before real visitors come.")];
  if (site.mode === "observe") {
    yield [
      keyOf("mode"),
      complain("protects nothing but deny paths", 'Change it to "enforce" when the log looks right.'),
    ];
  }
  if (site.outside === "flow") {
    yield [keyOf("outside"), complain("sends every browser into the WeChat flow", "It is for the simulator only.")];
  }
  if (site.firstVisit === "profile") {
    yield [
      keyOf("first_visit"),
      complain(
        "asks for the profile before the first page: WeChat forbids to force a sign-in on visitors (强制授权) and may restrict the account",
        "Keep 暂不授权 meaningful: the site must work without a profile. Best ask later, on a `profile` path.",
      ),
    ];
  }
  const served = sites.some((other) => servesCallback(other.site, site));
  if (callbackHost !== null && !served) {
    const remedy = "Add a site with that host and the same app_id.";
    yield [keyOf("callback_host"), complain(`is "${callbackHost}", which no site here serves with this AppID`, remedy)];
  }
  if (
    "session" in raw &&
    merged.values.session?.renew !== undefined &&
    session.renewSeconds >= session.lifetimeSeconds
  ) {
    yield [`${keyOf("session")}.renew`, complain("is not below lifetime, so no session is renewed", "Shorten renew.")];
  }
}

/** A binding is one for all sites of its AppID. Where D1 holds no profile, each browser has its own. */
function* profileAgeWarnings({ site, merged }: BuiltSite, sites: readonly BuiltSite[]): Generator<[string, Wrong]> {
  const isLonger = (other: Site) =>
    other.account.appId === site.account.appId && other.profileMaxAge > site.profileMaxAge;
  const longer = sites.find((other) => isLonger(other.site));
  if (longer === undefined || !site.storeProfile) return;
  yield [
    merged.keyOf("profile_max_age"),
    complain(
      `is shorter than ${longer.merged.keyOf("profile_max_age")}, a site of the same AppID: a profile that this site finds too old, and WeChat renews no more, is gone there too`,
      "Give all sites of one AppID the same value, best under [vars.DEFAULTS].",
    ),
  ];
}

function servesCallback(other: Site, site: Site): boolean {
  return other.account.appId === site.account.appId && servesHost(other.id, site.callbackHost ?? site.id);
}

/** Everything worth a second look, each once. */
export function collectWarnings(sources: readonly Source[], sites: readonly BuiltSite[]): Warning[] {
  const all = [
    ...sources.flatMap(ruleWarnings),
    ...sites.flatMap((built) =>
      [...siteWarnings(built, sites), ...profileAgeWarnings(built, sites)].flatMap(([key, { issues }]) =>
        issues.map(({ problem, remedy }) => ({ key, problem, remedy })),
      ),
    ),
  ];
  return [...new Map(all.map((warning) => [`${warning.key}\n${warning.problem}`, warning])).values()];
}
