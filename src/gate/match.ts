import { LEVELS, type Level, type Rule, type Site } from "../config/config.ts";

type CompiledRule = { matches: RegExp; methods: ReadonlySet<string> | null; access: Level };

/** A site's rules, compiled once: first match wins. */
export type CompiledRules = { rules: readonly CompiledRule[]; fallback: Level; strictest: Level };

export function compileRules(site: Pick<Site, "rules" | "access">): CompiledRules {
  return {
    rules: site.rules.map((rule) => ({
      matches: compilePattern(rule),
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
  for (const rule of compiled.rules) {
    if (coversMethod(rule.methods, ruleMethod) && rule.matches.test(path)) return rule.access;
  }
  return compiled.fallback;
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
 * Levels that protect match without regard to case: an origin may not regard it either.
 */
function compilePattern(rule: Rule): RegExp {
  const segments = rule.path.slice(1).split("/");
  const last = segments.length - 1;
  const source = segments.map((segment, index) => {
    const everythingBelow = segment === "**" || (segment === "*" && index === last);
    if (everythingBelow) return index === last ? "(?:/.*)?" : "(?:/[^/]+)*";
    return `/${segment.split("*").map(escapeForRegExp).join("[^/]*")}`;
  });
  const protects = rule.access === "login" || rule.access === "profile" || rule.access === "deny";
  return new RegExp(`^${source.join("")}$`, protects ? "is" : "s");
}

function escapeForRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}
