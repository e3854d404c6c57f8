/** The table of extra headers. */
import { complain } from "../complaint.ts";
import { type Issue, outcome, type Schema, text, within } from "../schema.ts";
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
      const read = readHeaderName(name);
      const folded = foldHeaderName(name);
      const twin = names.get(folded);
      names.set(folded, name);
      if (moved !== null) {
        issues.push({ path: [name], value, ...moved });
        continue;
      }
      if ("problem" in read) issues.push({ path: [name], value: name, ...read });
      if (twin !== undefined) {
        const twice = complain(`is the same header as ${twin} to many servers`, "Keep one of them.");
        issues.push({ path: [name], value: name, ...twice });
      }
      const template = TEMPLATE(value);
      if ("value" in template) headers.set(folded, { name, template: template.value });
      else issues.push(...within(name, template.issues));
    }
    return outcome(headers, issues);
  });
}
