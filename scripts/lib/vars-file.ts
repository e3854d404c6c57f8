import { existsSync, renameSync, writeFileSync } from "node:fs";
import { readText } from "./text-file.ts";

/** A variable and its whole value: quotes may stretch it over several lines, and lines left of a key would be the key. */
const VARIABLE = /^[ \t]*(?:export[ \t]+)?(\w+)[ \t]*=[ \t]*(?:'[^']*'|"[^"]*"|`[^`]*`)?.*$/gm;

/** Replaces or adds variables of a .dev.vars-like file, and leaves every other line as it is. */
export function writeVars(path: string, lines: Readonly<Record<string, string>>): void {
  const old = existsSync(path) ? readText(path) : "";
  const present = new Set<string>();
  const replaced = old.replace(VARIABLE, (variable: string, name: string) => {
    present.add(name);
    return lines[name] ?? variable;
  });
  const added = Object.entries(lines).flatMap(([name, line]) => (present.has(name) ? [] : [line]));
  const text = [...(old === "" ? [] : [replaced.replace(/\n$/, "")]), ...added].join("\n");
  // Written beside and moved over: a cut-off write must not cost the only copy of the keys.
  const temporary = `${path}.new`;
  writeFileSync(temporary, `${text}\n`, { mode: 0o600 });
  renameSync(temporary, path);
}
