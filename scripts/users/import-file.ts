/** Reads a file, judges its rows and stores them batch by batch. */

import { IMPORT_ROWS_MAX } from "../../src/storage/import-batch.ts";
import { checkRow, REFUSALS } from "../../src/storage/import-row.ts";
import type { Progress } from "./progress.ts";
import type { Input, InputRow } from "./read-rows.ts";
import type { BatchOutcome, BatchRow, Store } from "./store.ts";

/** The API takes 1 MB. */
const BATCH_MAX_BYTES = 900_000;

export type Refused = { line: number; reasons: string[] };

export type ImportTotals = {
  rows: number;
  created: number;
  newUsers: number;
  updated: number;
  siteUsers: number;
  refused: number;
  /** The last line that is done with, when Ctrl-C came before the end. */
  stoppedAfter: number | null;
};

export type ImportOptions = {
  progress: Progress;
  /** In the order of lines. */
  onRefused: (refused: Refused) => void;
  isStopping: () => boolean;
};

class Batch {
  readonly rows: (BatchRow & { line: number })[] = [];
  readonly malformed: Refused[] = [];
  bytes = 0;
  lastLine = 0;

  get isFull(): boolean {
    return (
      this.rows.length >= IMPORT_ROWS_MAX || this.malformed.length >= IMPORT_ROWS_MAX || this.bytes >= BATCH_MAX_BYTES
    );
  }

  add(input: InputRow, context: Store["context"]): void {
    const { line } = input;
    this.lastLine = line;
    if ("problem" in input) {
      this.malformed.push({ line, reasons: [input.problem] });
      return;
    }
    const checked = checkRow(input.values, context);
    if (checked.ok) {
      this.rows.push({ line, row: checked.row, values: input.values });
      this.bytes += Buffer.byteLength(JSON.stringify(input.values)) + 1;
    } else {
      this.malformed.push({ line, reasons: checked.refusals.map((code) => REFUSALS[code]) });
    }
  }

  refused(outcome: BatchOutcome): Refused[] {
    const byStore = outcome.refused.map(({ row, reasons }) => ({
      line: this.rows[row]?.line ?? 0,
      reasons: reasons.map(({ detail }) => detail),
    }));
    return [...this.malformed, ...byStore].sort((a, b) => a.line - b.line);
  }
}

export async function importFile(input: Input, store: Store, options: ImportOptions): Promise<ImportTotals> {
  const totals: ImportTotals = {
    rows: 0,
    created: 0,
    newUsers: 0,
    updated: 0,
    siteUsers: 0,
    refused: 0,
    stoppedAfter: null,
  };
  const save = async (batch: Batch) => {
    const outcome = await store.importRows(batch.rows, batch.malformed.length);
    const refused = batch.refused(outcome);
    if (refused.length > 0) options.progress.clear();
    for (const one of refused) options.onRefused(one);
    totals.rows += batch.rows.length + batch.malformed.length;
    totals.created += outcome.created;
    totals.newUsers += outcome.newUsers;
    totals.updated += outcome.updated;
    totals.siteUsers += outcome.siteUsers;
    totals.refused += refused.length;
    const part = input.totalBytes === null ? null : Math.min(1, input.bytesRead() / Math.max(1, input.totalBytes));
    options.progress.update({ rows: totals.rows, refused: totals.refused, part });
  };

  // While one batch is being stored the next one is read; never more than that is in memory.
  let saving: Promise<void> = Promise.resolve();
  let batch = new Batch();
  const send = async () => {
    await saving;
    saving = save(batch);
    // Whoever waits for it next learns of a failure; until then it must not count as unheard.
    saving.catch(() => undefined);
  };
  let storedUntil = 0;
  const stopped = async (): Promise<ImportTotals> => {
    await saving;
    return { ...totals, stoppedAfter: storedUntil };
  };
  try {
    for await (const row of input.rows) {
      if (options.isStopping()) return await stopped();
      batch.add(row, store.context);
      if (!batch.isFull) continue;
      await send();
      storedUntil = batch.lastLine;
      batch = new Batch();
    }
  } catch (error) {
    if (options.isStopping()) return await stopped();
    await saving;
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`${message}\nStored until line ${storedUntil}; mend the file and run it again.`);
  }
  if (options.isStopping()) return await stopped();
  if (batch.rows.length + batch.malformed.length > 0) await send();
  await saving;
  return totals;
}
