/** What a rule says. */

import { list, text } from "./complaint.ts";
import type { Rule } from "./config.ts";
import { LEVELS } from "./config.ts";
import { complete, type Hint, missing, type Options, readTable, tableSchema } from "./table.ts";
import { choice } from "./values/choice.ts";
import { methodList } from "./values/methods.ts";
import { readPathPattern } from "./values/path-pattern.ts";

export const RULE_OPTIONS = {
  path: {
    schema: text(readPathPattern),
    type: "pattern",
    required: true,
    example: '"/account/*"',
    en: "Path pattern: `*` within a segment, `**` or a final `/*` for everything below (`/a/*` also matches `/a`).",
    zh: "路径模式：`*` 匹配一段之内的任意字符，`**` 或结尾的 `/*` 匹配其下全部路径（`/a/*` 也匹配 `/a`）。",
  },
  methods: {
    schema: methodList(),
    type: "string[]",
    example: '["POST"]',
    en: "Methods that the rule is for, every one when left out; `GET` includes `HEAD`.",
    zh: "规则适用的请求方法，省略则适用全部方法；`GET` 包含 `HEAD`。",
  },
  access: {
    schema: choice(LEVELS),
    type: LEVELS.map((level) => `"${level}"`).join(" | "),
    required: true,
    example: '"profile"',
    en: "Access level of the paths that the rule matches; the first matching rule wins.",
    zh: "匹配路径的访问级别；按顺序第一条匹配的规则生效。",
  },
} as const satisfies Options;

/** A schema for the list of rules. */
export function ruleList(misplaced: Hint) {
  return list(
    tableSchema<Rule>('{ path = "/account/*", access = "profile" }', (raw) => {
      const { values, given, issues } = readTable(RULE_OPTIONS, raw, misplaced);
      return { output: complete(RULE_OPTIONS, values) as Rule, issues: [...issues, ...missing(RULE_OPTIONS, given)] };
    }),
  );
}
