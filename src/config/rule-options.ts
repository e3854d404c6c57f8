/** What a rule says. */

import type { Rule } from "./config.ts";
import { LEVELS } from "./config.ts";
import { list, type Schema, text } from "./schema.ts";
import { type Hint, type Options, wholeTable } from "./table.ts";
import { choice } from "./values/choice.ts";
import { METHODS } from "./values/methods.ts";
import { readPathPattern } from "./values/path-pattern.ts";

export const RULE_OPTIONS = {
  path: {
    schema: text(readPathPattern),
    required: '"/account/*"',
  },
  methods: {
    schema: METHODS,
  },
  access: {
    schema: choice(LEVELS),
    required: '"profile"',
  },
} as const satisfies Options;

const SHAPE = '{ path = "/account/*", access = "profile" }';

/** A schema for the list of rules. */
export function ruleList(misplaced: Hint): Schema<Rule[]> {
  return list(wholeTable(SHAPE, RULE_OPTIONS, misplaced), undefined, SHAPE);
}
