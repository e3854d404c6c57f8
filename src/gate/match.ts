import { LEVELS, type Level, type Rule, type Site } from "../config/config.ts";
import { isAscii } from "../encoding.ts";
import { compilePattern, matchesPattern, type PathPattern, segmentsOf } from "./pattern.ts";

type CompiledRule = {
  /** One for a level that opens; for one that protects, every form that an origin may take for the path. */
  patterns: readonly PathPattern[];
  protects: boolean;
  methods: ReadonlySet<string> | null;
  access: Level;
};

/** A site's rules, compiled once: first match wins. */
export type CompiledRules = { rules: readonly CompiledRule[]; fallback: Level; strictest: Level };

export function compileRules(site: Pick<Site, "rules" | "access">): CompiledRules {
  return {
    rules: site.rules.map((rule) => ({
      patterns: patternsOf(rule),
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
  // As every origin decodes it: `%40` and `@` are one path, though RFC 3986 §6.2.2 lets both spellings stand.
  const decoded = path.includes("%") ? decodeURIComponent(path) : path;
  const level = levelOf(compiled, decoded, method);
  // A server between that sends on what it decoded (nginx: `proxy_pass http://app$uri`) ends the path at `%3F` or `%23`.
  const ends = [/[?#]/, /\?/].map((mark) => decoded.split(mark, 1)[0] ?? "").filter((path) => path !== decoded);
  return strictestOf([level, ...ends.map((path) => levelOf(compiled, path, method))]);
}

function levelOf(compiled: CompiledRules, decoded: string, method: string): Level {
  const ruleMethod = method.toUpperCase();
  const exact = segmentsOf(decoded);
  let spellings: string[][] | null = null;
  for (const rule of compiled.rules) {
    if (!coversMethod(rule.methods, ruleMethod)) continue;
    if (rule.protects) spellings ??= spellingsOf(decoded);
    const candidates = rule.protects && spellings !== null ? spellings : [exact];
    if (rule.patterns.some((pattern) => candidates.some((path) => matchesPattern(pattern, path)))) return rule.access;
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
 * Levels that protect match without regard to case and compatibility form: an origin may not regard them either.
 */
function patternsOf({ path, access }: Rule): PathPattern[] {
  if (!protects(access)) return [compilePattern(path, decodeURIComponent)];
  const folds = isAscii(decodeURIComponent(path)) ? [anyCase] : [anyCase, anyForm];
  return folds.map((fold) => compilePattern(path, (literal) => fold(decodeURIComponent(literal))));
}

/** The path as an origin may read it; one for the usual path of ASCII, which is its own compatibility form. */
function spellingsOf(decoded: string): string[][] {
  const upper = anyCase(decoded);
  if (isAscii(decoded)) return [segmentsOf(upper)];
  const folded = anyForm(decoded);
  return (upper === folded ? [upper] : [upper, folded]).map(segmentsOf);
}

const anyCase = (text: string) => text.toUpperCase();
const anyForm = (text: string) => text.normalize("NFKC").toUpperCase();
