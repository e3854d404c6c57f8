/** Rows of a CSV or NDJSON file, one at a time, each with the line on which it begins. */
import { createReadStream, existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { ROW_COLUMNS, type RowColumn } from "../../src/storage/import-row.ts";
import { csvRecords, RECORD_MAX } from "./csv.ts";
import type { Format } from "./options.ts";

/** A row as named values, not judged yet; or why it is none. */
export type InputRow = { line: number } & ({ values: unknown } | { problem: string });

export type Input = {
  rows: AsyncGenerator<InputRow>;
  /** `null` = nobody knows (standard input). */
  totalBytes: number | null;
  bytesRead: () => number;
  /** Ends a read that waits for more. */
  close: () => void;
};

export async function openInput(file: string, format: Format): Promise<Input> {
  const totalBytes = file === "-" ? null : await sizeOf(file);
  const stream: Readable = file === "-" ? process.stdin : createReadStream(file);
  let bytes = 0;
  const text = decode(stream, (length) => {
    bytes += length;
  });
  return {
    rows: format === "csv" ? csvRows(text) : ndjsonRows(text),
    totalBytes,
    bytesRead: () => bytes,
    close: () => stream.destroy(),
  };
}

async function sizeOf(file: string): Promise<number> {
  if (!existsSync(file))
    throw new Error(`${file} is not there; name the file with your users, or - for standard input`);
  return (await stat(file)).size;
}

/** UTF-8 only: a file in another encoding must not become question marks. A byte order mark goes. */
export async function* decode(
  stream: AsyncIterable<Uint8Array>,
  count: (bytes: number) => void,
): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    for await (const chunk of stream) {
      count(chunk.length);
      yield decoder.decode(chunk, { stream: true });
    }
    yield decoder.decode();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new Error("the file is not UTF-8; in Excel save it as “CSV UTF-8”");
  }
}

export async function* csvRows(text: AsyncIterable<string>): AsyncGenerator<InputRow> {
  let columns: RowColumn[] | null = null;
  for await (const record of csvRecords(text)) {
    const { line } = record;
    if (columns === null) {
      if ("problem" in record) throw new Error(`line ${line}: ${record.problem}`);
      columns = readHeader(record.fields);
    } else if ("problem" in record) {
      yield record;
    } else if (record.fields.length !== columns.length) {
      yield { line, problem: `the row has ${count(record.fields.length, "value")}, the header ${columns.length}` };
    } else {
      const { fields } = record;
      yield { line, values: Object.fromEntries(columns.map((name, index) => [name, fields[index]])) };
    }
  }
  if (columns === null) throw new Error("the file is empty: the first line names the columns");
}

function readHeader(names: readonly string[]): RowColumn[] {
  const columns = names.map((name) => name.trim());
  const unknown = columns.filter((name) => !(ROW_COLUMNS as readonly string[]).includes(name));
  if (unknown.length > 0) {
    const shown = unknown.map((name) => JSON.stringify(name)).join(", ");
    throw new Error(
      `line 1: unknown ${unknown.length === 1 ? "column" : "columns"} ${shown}; there are ${ROW_COLUMNS.join(", ")}`,
    );
  }
  const twice = columns.filter((name, index) => columns.indexOf(name) !== index);
  if (twice.length > 0) throw new Error(`line 1: the column ${twice[0]} is there twice`);
  if (!columns.includes("openid")) throw new Error("line 1: there is no column openid");
  return columns as RowColumn[];
}

/** Not `readline`: that also splits at U+2028, which JSON may hold as it is. */
export async function* ndjsonRows(text: AsyncIterable<string>): AsyncGenerator<InputRow> {
  let line = 0;
  let rest = "";
  for await (const chunk of text) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const one of lines) {
      line++;
      if (one.trim() !== "") yield readJson(one, line);
    }
    if (rest.length > RECORD_MAX) throw new Error(`line ${line + 1}: longer than ${RECORD_MAX} characters`);
  }
  if (rest.trim() !== "") yield readJson(rest, line + 1);
}

function readJson(text: string, line: number): InputRow {
  try {
    return { line, values: JSON.parse(text) };
  } catch {
    return { line, problem: "the line is not JSON" };
  }
}

const count = (n: number, word: string) => `${n} ${word}${n === 1 ? "" : "s"}`;
