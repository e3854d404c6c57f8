/** Rules that can never match, because an earlier one takes all their paths and methods. */
import type { Level, Rule } from "./config.ts";

/** These match without regard to case (design 2). */
const IGNORES_CASE: ReadonlySet<Level> = new Set(["login", "profile", "deny"]);

/** Stands for whatever a `*` of the later pattern matches: only a `*` of the earlier one takes it. */
const ANY_TEXT = "\u0001";

const segmentsOf = (path: string) => path.replace(/\/\*$/, "/**").slice(1).split("/");

function segmentCovers(earlier: string, later: string): boolean {
  if (!earlier.includes("*")) return earlier === later;
  const source = earlier.split("*").map((literal) => literal.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${source.join("[^/]*")}$`).test(later);
}

function segmentsCover(earlier: readonly string[], later: readonly string[]): boolean {
  const [head, ...tail] = earlier;
  if (head === undefined) return later.length === 0;
  // A final ** takes all the rest; any other takes as many segments as fit, none of them empty.
  if (head === "**" && tail.length === 0) return true;
  if (head === "**") {
    const [next, ...rest] = later;
    return segmentsCover(tail, later) || (next !== undefined && next !== "" && segmentsCover(earlier, rest));
  }
  const [next, ...rest] = later;
  if (next === undefined || next === "**") return false;
  return segmentCovers(head, next.replaceAll("*", ANY_TEXT)) && segmentsCover(tail, rest);
}

/** Whether the later rule matches in letter cases that the earlier one minds. */
export function matchesOtherCases(earlier: Rule, later: Rule): boolean {
  return IGNORES_CASE.has(later.access) && !IGNORES_CASE.has(earlier.access) && /[A-Za-z]/.test(later.path);
}

/**
 * Whether every path that the later rule matches, in the case in which it is written, is matched by the earlier one;
 * may say no where it is so.
 */
export function coversPaths(earlier: Rule, later: Rule): boolean {
  const fold = (path: string) => (IGNORES_CASE.has(earlier.access) ? path.toLowerCase() : path);
  return segmentsCover(segmentsOf(fold(earlier.path)), segmentsOf(fold(later.path)));
}

function coversMethods(earlier: Rule, later: Rule): boolean {
  if (earlier.methods === null) return true;
  if (later.methods === null) return false;
  const taken = new Set(earlier.methods);
  if (taken.has("GET")) taken.add("HEAD");
  return [...later.methods].every((method) => taken.has(method));
}

/** A rule that never matches as written, and the earlier one that is the reason, as positions in the list. */
type Shadow = { rule: number; by: number; otherCasesOnly: boolean };

/** Finds the rules that stand too late in the list. */
export function shadowedRules(rules: readonly Rule[]): Shadow[] {
  return rules.flatMap((later, rule) => {
    const by = rules
      .slice(0, rule)
      .findIndex((earlier) => coversMethods(earlier, later) && coversPaths(earlier, later));
    const earlier = rules[by];
    return earlier === undefined ? [] : [{ rule, by, otherCasesOnly: matchesOtherCases(earlier, later) }];
  });
}

/** Whether the rule is for every path and every method. */
export function coversEverything(rule: Rule): boolean {
  return rule.methods === null && segmentsOf(rule.path).every((segment) => segment === "**");
}
