/** The table of extra headers. */
import * as v from "valibot";
import { complain, text, unpacked } from "../complaint.ts";
import { type Hint, type TableIssue, tableSchema } from "../table.ts";
import { foldHeaderName, readHeaderName } from "./header-name.ts";
import { type RawTemplate, readTemplate } from "./template.ts";

export type RawHeader = { name: string; template: RawTemplate };

/** Folded name → header, in the order written. */
export type RawHeaders = ReadonlyMap<string, RawHeader>;

const TEMPLATE = text(readTemplate);

function readValue(name: string, value: unknown): { template: RawTemplate } | { issue: TableIssue } {
  const result = v.safeParse(TEMPLATE, value);
  if (result.success) return { template: result.output };
  return { issue: { path: [name], value, ...unpacked(result.issues[0].message) } };
}

/** A schema for the table; `misplaced` recognises options of the site that TOML put in here. */
export function headerTable(misplaced: Hint) {
  return tableSchema<RawHeaders>('{ "Remote-User" = "{user}" }', (raw) => {
    const output = new Map<string, RawHeader>();
    const issues: TableIssue[] = [];
    for (const [name, value] of Object.entries(raw)) {
      const moved = misplaced(name);
      const read = readHeaderName(name);
      const folded = foldHeaderName(name);
      const twin = output.get(folded);
      if (moved !== null) {
        issues.push({ path: [name], value, ...moved });
        continue;
      }
      if ("problem" in read) issues.push({ path: [name], value: name, ...read });
      if (twin !== undefined) {
        const twice = complain(`is the same header as ${twin.name} to many servers`, "Keep one of them.");
        issues.push({ path: [name], value: name, ...twice });
      }
      const checked = readValue(name, value);
      if ("issue" in checked) issues.push(checked.issue);
      else output.set(folded, { name, template: checked.template });
    }
    return { output, issues };
  });
}
