/** The configuration reference, as Markdown, from the tables that the parser reads by. */

import { RULE_WORDS, SESSION_WORDS, SITE_WORDS, VAR_ENTRIES, type Words } from "./reference-words.ts";
import { RULE_OPTIONS } from "./rule-options.ts";
import { SESSION_OPTIONS } from "./session-options.ts";
import { SITE_OPTIONS } from "./site-options.ts";
import type { Option, Options } from "./table.ts";

export type ReferenceLanguage = "en" | "zh";

const WORDS = {
  en: {
    vars: "Variables and secrets",
    sites: "Options of a site (`SITES`, `DEFAULTS`)",
    rules: "Keys of a rule (`rules`)",
    session: "Keys of `session`",
    varColumns: ["Name", "Kind", "Type", "Default", "Description"],
    columns: ["Option", "Type", "Default", "Example", "Description"],
    required: "required",
    var: "variable",
    secret: "secret",
  },
  zh: {
    vars: "变量与密钥",
    sites: "站点选项（`SITES`、`DEFAULTS`）",
    rules: "规则的键（`rules`）",
    session: "`session` 的键",
    varColumns: ["名称", "种类", "类型", "默认值", "说明"],
    columns: ["选项", "类型", "默认值", "示例", "说明"],
    required: "必填",
    var: "变量",
    secret: "密钥",
  },
} as const;

const NONE = "–";

/** Code in a table's cell: a bar would end the cell even there. */
const code = (text: string) => `\`${text.replaceAll("|", "\\|")}\``;

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(columns), line(columns.map(() => "---")), ...rows.map(line)].join("\n");
}

function defaultOf(option: Option, language: ReferenceLanguage): string {
  if (option.required !== undefined) return WORDS[language].required;
  return option.default === undefined ? NONE : code(JSON.stringify(option.default));
}

/** A required option's stands beside its schema: the complaint that it is missing shows it. */
export function exampleOf(option: Option, { example }: Words): string {
  const written = option.required ?? example;
  if (written === undefined) throw new Error("an option has no example");
  return written;
}

function optionTable<O extends Options>(
  options: O,
  words: Readonly<Record<keyof O & string, Words>>,
  language: ReferenceLanguage,
): string {
  const rows = Object.entries<Words>(words).map(([name, word]) => {
    const option = options[name];
    if (option === undefined) throw new Error(`${name} has words but is no option`);
    return [code(name), code(word.type), defaultOf(option, language), code(exampleOf(option, word)), word[language]];
  });
  return table(WORDS[language].columns, rows);
}

function varTable(language: ReferenceLanguage): string {
  const words = WORDS[language];
  const rows = VAR_ENTRIES.map((entry) => [
    entry.name.replace(/\w+/g, code),
    words[entry.kind],
    code(entry.type),
    entry.default === undefined ? NONE : code(entry.default),
    entry[language],
  ]);
  return table(words.varColumns, rows);
}

/** The whole reference in one language. */
export function configReference(language: ReferenceLanguage): string {
  const { vars, sites, rules, session } = WORDS[language];
  return [
    `**${vars}**`,
    varTable(language),
    `**${sites}**`,
    optionTable(SITE_OPTIONS, SITE_WORDS, language),
    `**${rules}**`,
    optionTable(RULE_OPTIONS, RULE_WORDS, language),
    `**${session}**`,
    optionTable(SESSION_OPTIONS, SESSION_WORDS, language),
  ].join("\n\n");
}
