import { describe, expect, it } from "vitest";
import { Wrong } from "./complaint.ts";
import { configReference, exampleOf } from "./reference.ts";
import { RULE_WORDS, SESSION_WORDS, SITE_WORDS, type Words } from "./reference-words.ts";
import { RULE_OPTIONS } from "./rule-options.ts";
import { SESSION_OPTIONS } from "./session-options.ts";
import { SITE_OPTIONS } from "./site-options.ts";
import type { Option, Options } from "./table.ts";
import { URL_OPTIONS } from "./var-options.ts";

const TABLES: [Options, Readonly<Record<string, Words>>][] = [
  [SITE_OPTIONS, SITE_WORDS],
  [RULE_OPTIONS, RULE_WORDS],
  [SESSION_OPTIONS, SESSION_WORDS],
];
const OPTIONS = TABLES.flatMap(([options, words]) =>
  Object.entries(options).map(([name, option]): [string, Option, Words | undefined] => [name, option, words[name]]),
);

/** The examples are TOML values; those that are JSON but for `=` and bare keys are read here. */
const fromToml = (toml: string): unknown =>
  JSON.parse(toml.replace(/([{,]\s*)(\w+) = /g, '$1"$2": ').replace(/" = /g, '": '));

describe("the configuration reference", () => {
  it.each(OPTIONS)("has an example of %s that the parser takes", (name, option, words) => {
    if (words === undefined) throw new Error(`${name} has no words`);
    expect(option.schema(fromToml(exampleOf(option, words)))).not.toBeInstanceOf(Wrong);
  });

  it.each(Object.entries({ ...SITE_WORDS, ...RULE_WORDS, ...SESSION_WORDS }))(
    "describes %s in both languages",
    (_, words) => {
      expect(words.en).toMatch(/^[A-Z`].*\.$/);
      expect(words.zh).toMatch(/\p{Script=Han}.*。$/u);
    },
  );

  const written = [
    ...OPTIONS.map(([name, option]): [string, Option] => [name, option]),
    ...Object.entries(URL_OPTIONS),
  ];
  it.each(written.filter(([, option]) => option.default !== undefined))(
    "has a default of %s that the parser takes",
    (_, option) => {
      expect(option.schema(option.default)).not.toBeInstanceOf(Wrong);
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
