/** CSV by RFC 4180, read as a stream. Ours, because a report of refused rows is worth what its line numbers are worth. */

/** An unclosed quote must not take the rest of the file into memory. */
export const RECORD_MAX = 100_000;

export type CsvRecord = { line: number } & ({ fields: string[] } | { problem: string });

/** Lines end with LF or CRLF; empty ones are left out. */
export async function* csvRecords(text: AsyncIterable<string>): AsyncGenerator<CsvRecord> {
  let line = 1;
  let rest = "";
  for await (const chunk of text) {
    rest += chunk;
    let start = 0;
    for (let end = endOfRecord(rest, start); end !== -1; end = endOfRecord(rest, start)) {
      const record = rest.slice(start, rest[end - 1] === "\r" ? end - 1 : end);
      if (record !== "") yield readRecord(record, line);
      line += linesIn(record);
      start = end + 1;
    }
    rest = rest.slice(start);
    if (rest.length > RECORD_MAX) {
      throw new Error(`line ${line}: the row does not end within ${RECORD_MAX} characters; is a quote not closed?`);
    }
  }
  const last = rest.endsWith("\r") ? rest.slice(0, -1) : rest;
  if (last !== "") yield readRecord(last, line);
}

/** The first line feed with as many quotes before it as close each other; -1 = there is none yet. */
function endOfRecord(text: string, start: number): number {
  let end = text.indexOf("\n", start);
  let quote = text.indexOf('"', start);
  while (end !== -1 && quote !== -1 && quote < end) {
    const closing = text.indexOf('"', quote + 1);
    if (closing === -1) return -1;
    if (closing > end) end = text.indexOf("\n", closing);
    quote = text.indexOf('"', closing + 1);
  }
  return end;
}

function readRecord(record: string, line: number): CsvRecord {
  if (!record.includes('"')) return { line, fields: record.split(",") };
  const fields: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;
  for (;;) {
    const [, quoted, bare = "", end] = field.exec(record) ?? [];
    if (end === undefined) {
      const lines = linesIn(record);
      const extent = lines > 1 ? `, so that the row goes on to line ${line + lines - 1}` : "";
      return { line, problem: `a quote stands where none may${extent}` };
    }
    fields.push(quoted === undefined ? bare : quoted.replaceAll('""', '"'));
    if (end === "") return { line, fields };
  }
}

function linesIn(record: string): number {
  let lines = 1;
  for (let at = record.indexOf("\n"); at !== -1; at = record.indexOf("\n", at + 1)) lines++;
  return lines;
}
