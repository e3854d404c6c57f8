/** Plain text for logs and pipes, a little colour for people. */
import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

const coloured = process.stdout.isTTY === true && !process.env.NO_COLOR;

/** Text in a style, where somebody looks at it. */
export function styled(style: Style, text: string): string {
  return coloured ? styleText(style, text) : text;
}

/** Rows in columns, two spaces apart. */
export function columns(rows: readonly (readonly string[])[], indent = "  "): string {
  const widths: number[] = [];
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  const line = (row: readonly string[]) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ");
  return rows.map((row) => (indent + line(row)).trimEnd()).join("\n");
}
