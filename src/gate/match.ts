import { LEVELS, type Level, type Rule, type Site } from "../config/config.ts";

type CompiledRule = { matches: RegExp; protects: boolean; methods: ReadonlySet<string> | null; access: Level };

/** A site's rules, compiled once: first match wins. */
export type CompiledRules = { rules: readonly CompiledRule[]; fallback: Level; strictest: Level };

export function compileRules(site: Pick<Site, "rules" | "access">): CompiledRules {
  return {
    rules: site.rules.map((rule) => ({
      matches: compilePattern(rule),
      protects: protects(rule.access),
      methods: rule.methods,
      access: rule.access,
    })),
    fallback: site.access,
    strictest: strictestOf([site.access, ...site.rules.map((rule) => rule.access)]),
  };
}

/**
 * The level of a canonical path. `odd` paths are judged at the strictest level that the site knows, whatever their
 * rule: the origin may read another path in them.
 */
export function accessOf(compiled: CompiledRules, path: string, method: string, odd: boolean): Level {
  if (odd) return compiled.strictest;
  const ruleMethod = method.toUpperCase();
  // As every origin decodes it: `%40` and `@` are one path, though RFC 3986 §6.2.2 lets both spellings stand.
  const decoded = path.includes("%") ? decodeURIComponent(path) : path;
  const folded = decoded === path ? path : decoded.normalize("NFKC");
  for (const rule of compiled.rules) {
    const matches = rule.matches.test(decoded) || (rule.protects && folded !== decoded && rule.matches.test(folded));
    if (matches && coversMethod(rule.methods, ruleMethod)) return rule.access;
  }
  return compiled.fallback;
}

/** Levels that protect also match what an origin may take for their path: another case, a compatibility form. */
function protects(access: Level): boolean {
  return access === "login" || access === "profile" || access === "deny";
}

/** `null` covers every method; GET includes HEAD. */
function coversMethod(methods: ReadonlySet<string> | null, method: string): boolean {
  return methods === null || methods.has(method) || (method === "HEAD" && methods.has("GET"));
}

export function strictestOf(levels: readonly Level[]): Level {
  return levels.reduce(
    (strictest, level) => (LEVELS.indexOf(level) > LEVELS.indexOf(strictest) ? level : strictest),
    "open",
  );
}

/**
 * `*` within a segment; `**` or a final `/*` = everything below, and `/a/*` also matches `/a` and `/a/`.
 * Matched against decoded paths, so a pattern's literals are decoded too; a `%2A` of a pattern is no wildcard.
 * Levels that protect match without regard to case: an origin may not regard it either.
 */
function compilePattern(rule: Rule): RegExp {
  const exact = patternSource(rule.path, decodeURIComponent);
  if (!protects(rule.access)) return new RegExp(`^${exact}$`, "s");
  const folded = patternSource(rule.path, (literal) => decodeURIComponent(literal).normalize("NFKC"));
  return new RegExp(`^(?:${exact}|${folded})$`, "isu");
}

function patternSource(path: string, read: (literal: string) => string): string {
  const segments = path.slice(1).split("/");
  const last = segments.length - 1;
  const source = segments.map((segment, index) => {
    const everythingBelow = segment === "**" || (segment === "*" && index === last);
    if (everythingBelow) return index === last ? "(?:/.*)?" : "(?:/[^/]+)*";
    return `/${segment
      .split("*")
      .map((literal) => escapeForRegExp(read(literal)))
      .join("[^/]*")}`;
  });
  return source.join("");
}

function escapeForRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}
