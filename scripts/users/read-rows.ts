/** Rows of a CSV or NDJSON file, one at a time, each with the line on which it begins. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline, Readable } from "node:stream";
import { parse } from "csv-parse";
import { ROW_COLUMNS, type RowColumn } from "../../src/storage/import-row.ts";
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

/** An unclosed quote must not take the rest of the file into memory. */
const RECORD_MAX_BYTES = 100_000;

export async function openInput(file: string, format: Format): Promise<Input> {
  const totalBytes = file === "-" ? null : (await stat(file)).size;
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

/** UTF-8 only: a file in another encoding must not become question marks. A byte order mark goes. */
async function* decode(stream: AsyncIterable<Uint8Array>, count: (bytes: number) => void): AsyncGenerator<string> {
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
  const parser = parse({
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: RECORD_MAX_BYTES,
  });
  // What fails upstream destroys the parser with that error, and so reaches the loop.
  pipeline(Readable.from(text), parser, () => undefined);
  let columns: RowColumn[] | null = null;
  let end = 0;
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      const line = end + 1;
      end = info.lines;
      if (columns === null) {
        columns = readHeader(record);
      } else if (record.length !== columns.length) {
        yield { line, problem: `the row has ${count(record.length, "value")}, the header ${columns.length}` };
      } else {
        yield { line, values: Object.fromEntries(columns.map((name, index) => [name, record[index]])) };
      }
    }
  } catch (error) {
    const { code = "" } = error as { code?: string };
    if (code === "CSV_MAX_RECORD_SIZE") {
      throw new Error(`line ${end + 1}: the row does not end within ${RECORD_MAX_BYTES} bytes; is a quote not closed?`);
    }
    throw error;
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
    if (rest.length > RECORD_MAX_BYTES) throw new Error(`line ${line + 1}: longer than ${RECORD_MAX_BYTES} characters`);
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
