import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";

/** Replaces or adds lines of a .dev.vars-like file, and leaves every other line as it is. */
export function writeVars(path: string, lines: Readonly<Record<string, string>>): void {
  const old = existsSync(path) ? readFileSync(path, "utf8").split("\n") : [];
  const nameOf = (line: string) => /^\s*(?:export\s+)?(\w+)\s*=/.exec(line)?.[1];
  const replaced = old.map((line) => lines[nameOf(line) ?? ""] ?? line);
  const present = new Set(old.map(nameOf));
  const added = Object.entries(lines).flatMap(([name, line]) => (present.has(name) ? [] : [line]));
  const text = [...replaced, ...added].filter((line, index, all) => line !== "" || index < all.length - 1).join("\n");
  // Written beside and moved over: a cut-off write must not cost the only copy of the keys.
  const temporary = `${path}.new`;
  writeFileSync(temporary, `${text}\n`, { mode: 0o600 });
  renameSync(temporary, path);
}
