/** The table of extra headers. */
import { complain, type Issue, Wrong } from "../complaint.ts";
import { outcome, type Schema, text } from "../schema.ts";
import { type Hint, tableSchema } from "../table.ts";
import { foldHeaderName, readHeaderName } from "./header-name.ts";
import { type RawTemplate, readTemplate } from "./template.ts";

type RawHeader = { name: string; template: RawTemplate };

/** Folded name → header, in the order written. */
export type RawHeaders = ReadonlyMap<string, RawHeader>;

const TEMPLATE = text(readTemplate);

/** A schema for the table; `misplaced` recognises options of the site that TOML put in here. */
export function headerTable(misplaced: Hint): Schema<RawHeaders> {
  return tableSchema('{ "Remote-User" = "{user}" }', (raw) => {
    const headers = new Map<string, RawHeader>();
    const names = new Map<string, string>();
    const issues: Issue[] = [];
    for (const [name, value] of Object.entries(raw)) {
      const moved = misplaced(name);
      const folded = foldHeaderName(name);
      const twin = names.get(folded);
      names.set(folded, name);
      if (moved !== null) {
        issues.push(...moved.within(name));
        continue;
      }
      const readName = readHeaderName(name);
      if (readName instanceof Wrong) issues.push(...readName.within(name));
      if (twin !== undefined) {
        const problem = `is the same header as ${twin} to many servers`;
        issues.push(...complain(problem, "Keep one of them.", { shown: name }).within(name));
      }
      const template = TEMPLATE(value);
      if (template instanceof Wrong) issues.push(...template.within(name));
      else headers.set(folded, { name, template });
    }
    return outcome(headers, issues);
  });
}
