/** Where `npm run users` reads and writes: this machine's D1, or a gateway's API. */
import type { ExportRow } from "../../src/storage/export.ts";
import type { ImportRow, RowContext } from "../../src/storage/import-row.ts";

/** A row that was judged, and the values as they stood in the file. */
export type BatchRow = { row: ImportRow; values: unknown };

export type BatchOutcome = {
  created: number;
  newUsers: number;
  updated: number;
  siteUsers: number;
  /** By index in the batch. */
  refused: { row: number; reasons: { code: string; detail: string }[] }[];
};

export type Page = { rows: ExportRow[]; next: string | null };

export type Store = {
  /** For people: `D1 of www.example.com on this machine`. */
  name: string;
  /** What rows are judged with before they are sent. */
  context: RowContext;
  importRows: (rows: readonly BatchRow[], malformed: number) => Promise<BatchOutcome>;
  exportPage: (cursor: string | null) => Promise<Page>;
  close: () => Promise<void>;
};
