/** How far a long run is: a line that redraws itself on a terminal, now and then a plain line elsewhere. */

const REDRAW_MS = 100;
const PLAIN_MS = 5_000;
const BAR_WIDTH = 24;

export type Done = {
  rows: number;
  refused: number;
  /** 0 to 1; `null` = the whole is not known. */
  part: number | null;
};

export class Progress {
  readonly #begun = performance.now();
  readonly #stream: NodeJS.WriteStream;
  #shownAt = performance.now();
  #drawn = false;

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.#stream = stream;
  }

  update(done: Done): void {
    const now = performance.now();
    const { isTTY } = this.#stream;
    if (now - this.#shownAt < (isTTY ? REDRAW_MS : PLAIN_MS)) return;
    this.#shownAt = now;
    const line = progressLine(done, (now - this.#begun) / 1_000, isTTY);
    this.#stream.write(isTTY ? `\r\u001b[2K${line}` : `${line}\n`);
    this.#drawn = isTTY;
  }

  /** Room for other lines; the bar comes back with the next update. */
  clear(): void {
    if (this.#drawn) this.#stream.write("\r\u001b[2K");
    this.#drawn = false;
  }

  seconds(): number {
    return (performance.now() - this.#begun) / 1_000;
  }
}

export function progressLine({ rows, refused, part }: Done, seconds: number, withBar: boolean): string {
  const rate = seconds > 0 ? rows / seconds : 0;
  const facts = [`${number(rows)} rows`, `${number(Math.round(rate))}/s`];
  if (refused > 0) facts.push(`${number(refused)} refused`);
  if (part === null) return facts.join("  ");
  if (part > 0) facts.push(`${clock((seconds / part) * (1 - part))} left`);
  const percent = `${Math.floor(part * 100)} %`.padStart(5);
  const filled = Math.round(part * BAR_WIDTH);
  const bar = withBar ? `[${"#".repeat(filled)}${" ".repeat(BAR_WIDTH - filled)}] ` : "";
  return `${bar}${percent}  ${facts.join("  ")}`;
}

export const number = (value: number): string => value.toLocaleString("en-US");

export function clock(seconds: number): string {
  const whole = Math.ceil(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
