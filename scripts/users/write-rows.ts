/** Rows as text that `import` reads back. */

import type { ExportRow } from "../../src/storage/export.ts";
import { ROW_COLUMNS } from "../../src/storage/import-row.ts";
import type { Format } from "./options.ts";

export function header(format: Format): string {
  return format === "csv" ? `${ROW_COLUMNS.join(",")}\r\n` : "";
}

export function formatRows(rows: readonly ExportRow[], format: Format): string {
  return rows.map((row) => (format === "csv" ? csvLine(row) : `${JSON.stringify(row)}\n`)).join("");
}

function csvLine(row: ExportRow): string {
  return `${ROW_COLUMNS.map((name) => quoted(row[name] ?? "")).join(",")}\r\n`;
}

/** Leading and trailing spaces too: some readers drop them. */
function quoted(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
