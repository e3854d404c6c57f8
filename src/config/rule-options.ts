/** What a rule says. */

import type { Rule } from "./config.ts";
import { LEVELS } from "./config.ts";
import { list, outcome, type Schema, text } from "./schema.ts";
import { complete, type Hint, missing, type Options, readTable, tableSchema } from "./table.ts";
import { choice } from "./values/choice.ts";
import { METHODS } from "./values/methods.ts";
import { readPathPattern } from "./values/path-pattern.ts";

export const RULE_OPTIONS = {
  path: {
    schema: text(readPathPattern),
    required: true,
    example: '"/account/*"',
  },
  methods: {
    schema: METHODS,
  },
  access: {
    schema: choice(LEVELS),
    required: true,
    example: '"profile"',
  },
} as const satisfies Options;

const SHAPE = '{ path = "/account/*", access = "profile" }';

/** A schema for the list of rules. */
export function ruleList(misplaced: Hint): Schema<Rule[]> {
  return list(
    tableSchema(SHAPE, (raw) => {
      const { values, given, issues } = readTable(RULE_OPTIONS, raw, misplaced);
      return outcome(complete(RULE_OPTIONS, values) as Rule, [...issues, ...missing(RULE_OPTIONS, given)]);
    }),
    undefined,
    SHAPE,
  );
}
