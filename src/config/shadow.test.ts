import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { accessOf, compileRules } from "../gate/match.ts";
import type { Level, Rule } from "./config.ts";
import { coversEverything, coversPaths, matchesOtherCases, shadowedRules } from "./shadow.ts";

const rule = (path: string, access: Level = "open", methods: string[] | null = null): Rule => ({
  path,
  access,
  methods: methods && new Set(methods),
});
const covers = (earlier: string, later: string) => coversPaths(rule(earlier), rule(later));

describe("a rule covers another", () => {
  it.each([
    ["/a", "/a"],
    ["/a/*", "/a"],
    ["/a/*", "/a/"],
    ["/a/*", "/a/b/*"],
    ["/a/**", "/a/*"],
    ["/*", "/**/x"],
    ["/a*", "/abc"],
    ["/a*", "/ab*c"],
    ["/a/*/c", "/a/b*/c"],
    ["/**/x.css", "/a/b/x.css"],
  ])("%s covers %s", (earlier, later) => {
    expect(covers(earlier, later)).toBe(true);
  });

  it.each([
    ["/a", "/a/"],
    ["/a", "/a/*"],
    ["/a/b/*", "/a/*"],
    ["/a*", "/a/b"],
    ["/a*", "/*"],
    ["/a/*/c", "/a/b/d/c"],
    ["/a", "/A"],
    ["/ab*", "/a*"],
  ])("%s does not cover %s", (earlier, later) => {
    expect(covers(earlier, later)).toBe(false);
  });

  it("minds the case unless its level does not", () => {
    expect(coversPaths(rule("/a", "login"), rule("/A", "open"))).toBe(true);
    expect(shadowedRules([rule("/a/*"), rule("/a/b", "login")])).toEqual([{ rule: 1, by: 0, otherCasesOnly: true }]);
    expect(shadowedRules([rule("/1/*"), rule("/1/2", "login")])).toEqual([{ rule: 1, by: 0, otherCasesOnly: false }]);
  });

  it("must cover the methods too, and GET includes HEAD", () => {
    expect(shadowedRules([rule("/a", "open", ["GET"]), rule("/a", "login")])).toEqual([]);
    expect(shadowedRules([rule("/a"), rule("/a", "auto", ["POST"])])).toEqual([
      { rule: 1, by: 0, otherCasesOnly: false },
    ]);
    expect(shadowedRules([rule("/a", "open", ["GET"]), rule("/a", "open", ["HEAD"])])).toEqual([
      { rule: 1, by: 0, otherCasesOnly: false },
    ]);
    expect(shadowedRules([rule("/a", "open", ["HEAD"]), rule("/a", "open", ["GET"])])).toEqual([]);
  });

  it("covers everything only without methods", () => {
    expect(coversEverything(rule("/*"))).toBe(true);
    expect(coversEverything(rule("/"))).toBe(false);
    expect(coversEverything(rule("/**", "open", ["GET"]))).toBe(false);
  });

  it("never claims what the gate's matcher denies", () => {
    const pattern = fc
      .array(fc.constantFrom("a", "b", "A", "*", "a*", "*b", "**", ""), { minLength: 1, maxLength: 3 })
      .map((segments) => `/${segments.join("/")}`)
      .filter((path) => !path.includes("//"));
    const path = fc
      .array(fc.constantFrom("a", "b", "A", "ab", "B", "c"), { maxLength: 4 })
      .map((segments) => `/${segments.join("/")}`);
    const level = fc.constantFrom<Level>("open", "login", "deny");
    const matches = (one: Rule, at: string) =>
      accessOf(
        compileRules({ rules: [{ ...one, access: one.access === "open" ? "auto" : one.access }], access: "open" }),
        at,
        "GET",
        false,
      ) !== "open";
    fc.assert(
      fc.property(pattern, level, pattern, level, fc.array(path, { maxLength: 20 }), (a, x, b, y, paths) => {
        const [earlier, later] = [rule(a, x), rule(b, y)];
        if (!coversPaths(earlier, later) || matchesOtherCases(earlier, later)) return;
        for (const at of paths) if (matches(later, at)) expect(matches(earlier, at), `${a} ${b} ${at}`).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
