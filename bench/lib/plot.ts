/** A plot in text: columns of blocks, readable in every viewer of Markdown. */

const EIGHTHS = " ▁▂▃▄▅▆▇█";
const COLUMNS = 60;
const ROWS = 8;

/** @param unit behind the figures of the vertical axis, which starts at 0: a flat line must look flat */
export function plot(values: readonly number[], unit: string): string {
  const columns = Array.from({ length: COLUMNS }, (_, column) => {
    const from = Math.floor((column * values.length) / COLUMNS);
    const to = Math.max(from + 1, Math.floor(((column + 1) * values.length) / COLUMNS));
    return Math.max(...values.slice(from, to));
  }).filter(Number.isFinite);
  const top = niceCeiling(Math.max(...columns));
  const lines = Array.from({ length: ROWS }, (_, row) => {
    const floor = ((ROWS - 1 - row) / ROWS) * top;
    const blocks = columns.map((value) => {
      const eighths = Math.round(((value - floor) / (top / ROWS)) * 8);
      return EIGHTHS[Math.min(8, Math.max(0, eighths))];
    });
    const label = `${Math.round(floor + top / ROWS)} ${unit}`.padStart(10);
    return `${label} │${blocks.join("")}`;
  });
  return [...lines, `${"0".padStart(10)} └${"─".repeat(columns.length)}`].join("\n");
}

function niceCeiling(value: number): number {
  const step = 10 ** Math.floor(Math.log10(value)) / 2;
  return Math.ceil(value / step) * step;
}
