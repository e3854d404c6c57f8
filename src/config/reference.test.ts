import { describe, expect, it } from "vitest";
import { configReference } from "./reference.ts";
import { RULE_WORDS, SESSION_WORDS, SITE_WORDS } from "./reference-words.ts";
import { RULE_OPTIONS } from "./rule-options.ts";
import { SESSION_OPTIONS } from "./session-options.ts";
import { SITE_OPTIONS } from "./site-options.ts";
import type { Option } from "./table.ts";

const OPTIONS: [string, Option][] = [SITE_OPTIONS, RULE_OPTIONS, SESSION_OPTIONS].flatMap((table) =>
  Object.entries(table),
);

/** The examples are TOML values; those that are JSON but for `=` and bare keys are read here. */
const fromToml = (toml: string): unknown =>
  JSON.parse(toml.replace(/([{,]\s*)(\w+) = /g, '$1"$2": ').replace(/" = /g, '": '));

describe("the configuration reference", () => {
  it.each(OPTIONS)("has an example of %s that the parser takes", (_, option) => {
    expect(option.schema(fromToml(option.example))).toHaveProperty("value");
  });

  it.each(Object.entries({ ...SITE_WORDS, ...RULE_WORDS, ...SESSION_WORDS }))(
    "describes %s in both languages",
    (_, words) => {
      expect(words.en).toMatch(/^[A-Z`].*\.$/);
      expect(words.zh).toMatch(/\p{Script=Han}.*。$/u);
    },
  );

  it.each(OPTIONS.filter(([, option]) => option.default !== undefined))(
    "has a default of %s that the parser takes",
    (_, option) => {
      expect(option.schema(option.default)).toHaveProperty("value");
    },
  );

  it.each(["en", "zh"] as const)("names every option in %s, in rows of five cells", (language) => {
    const lines = configReference(language).split("\n");
    for (const [name] of OPTIONS)
      expect(
        lines.some((line) => line.startsWith(`| \`${name}\` |`)),
        name,
      ).toBe(true);
    for (const line of lines.filter((row) => row.startsWith("|"))) {
      expect(line.replaceAll("\\|", "").match(/\|/g), line).toHaveLength(6);
    }
  });
});
