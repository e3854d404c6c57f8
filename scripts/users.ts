/** `npm run users`: a site's bindings into wxgate and out of it. */
import "./users/small-heap.ts";
import { createWriteStream, openSync, renameSync, type WriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { openApiStore } from "./users/api-store.ts";
import { type ImportTotals, importFile, type Refused } from "./users/import-file.ts";
import { openLocalStore } from "./users/local-store.ts";
import { type Command, HELP, readCommand, type Target } from "./users/options.ts";
import { clock, number, Progress } from "./users/progress.ts";
import { openInput } from "./users/read-rows.ts";
import type { Store } from "./users/store.ts";
import { formatRows, header } from "./users/write-rows.ts";

/** Refused rows on standard error when a report file has them all. */
const SHOWN_BESIDE_REPORT = 20;
const EXIT_AFTER_SIGINT = 130;

let stopping = false;
const isStopping = () => stopping;

/** The first Ctrl-C ends after the running batch, the second at once. */
function stopGently(onStop: () => void): void {
  process.on("SIGINT", () => {
    if (stopping) process.exit(EXIT_AFTER_SIGINT);
    stopping = true;
    console.error("\nEnding after the running batch; Ctrl-C again to end at once.");
    onStop();
  });
}

const open = (target: Target): Promise<Store> =>
  target.kind === "local" ? openLocalStore(target) : openApiStore(target, isStopping);

async function runImport(command: Extract<Command, { kind: "import" }>): Promise<number> {
  // Opened first: a path that cannot be written is told before anything is stored.
  const report = command.report === null ? null : createWriteStream("", { fd: openSync(command.report, "w") });
  const input = await openInput(command.file, command.format);
  stopGently(input.close);
  const store = await open(command.target);
  const progress = new Progress();
  let shown = 0;
  console.error(`Importing ${command.file === "-" ? "standard input" : command.file} into ${store.name}.`);
  const onRefused = ({ line, reasons }: Refused) => {
    const text = `line ${line}: ${reasons.join("; ")}`;
    report?.write(`${text}\n`);
    if (report === null || shown++ < SHOWN_BESIDE_REPORT) console.error(text);
  };
  try {
    const totals = await importFile(input, store, { progress, onRefused, isStopping });
    progress.clear();
    if (report !== null && totals.refused > SHOWN_BESIDE_REPORT) console.error(`All refused rows: ${command.report}`);
    console.error(summary(totals, store.name, progress.seconds()));
    if (totals.stoppedAfter !== null) return EXIT_AFTER_SIGINT;
    return totals.refused > 0 ? 1 : 0;
  } finally {
    report?.end();
    await store.close();
  }
}

function summary(totals: ImportTotals, name: string, seconds: number): string {
  const { rows, created, newUsers, updated, siteUsers, refused, stoppedAfter } = totals;
  const known = rows - created - refused;
  const lines = [
    `${name}: ${number(rows)} rows in ${clock(seconds)}.`,
    `New: ${number(created)} bindings, ${number(newUsers)} users. Known: ${number(known)}, of these changed: ${number(updated)}.`,
    `Users bound to an id of the site: ${number(siteUsers)}.`,
    `Refused: ${number(refused)}${refused > 0 ? "; nothing of these rows is stored" : ""}.`,
  ];
  if (stoppedAfter !== null)
    lines.push(`Stopped after line ${stoppedAfter}. Run it again: what is stored stays as it is.`);
  return lines.join("\n");
}

async function runExport({ out, format, target }: Extract<Command, { kind: "export" }>): Promise<number> {
  stopGently(() => undefined);
  const store = await open(target);
  // Beside and moved over: what looks whole is whole.
  const partial = `${out}.part`;
  const stream: WriteStream | NodeJS.WriteStream = out === "-" ? process.stdout : createWriteStream(partial);
  const progress = new Progress();
  let failure: Error | null = null;
  stream.on("error", (error) => {
    failure = error;
  });
  let rows = 0;
  try {
    await write(stream, header(format));
    for (let cursor: string | null = null; !stopping && failure === null; ) {
      const page = await store.exportPage(cursor);
      await write(stream, formatRows(page.rows, format));
      rows += page.rows.length;
      progress.update({ rows, refused: 0, part: null });
      cursor = page.next;
      if (cursor === null) break;
    }
    if (stream !== process.stdout) await finished(stream.end());
    progress.clear();
    if (failure !== null) throw failure;
    if (stopping) {
      console.error(`Stopped after ${number(rows)} rows${out === "-" ? "" : `, which are in ${partial}`}.`);
      return EXIT_AFTER_SIGINT;
    }
    if (out !== "-") renameSync(partial, out);
    console.error(`${store.name}: ${number(rows)} rows in ${clock(progress.seconds())}.`);
    return 0;
  } finally {
    await store.close();
  }
}

/** Waits where the reader is slower than we are. */
function write(stream: NodeJS.WritableStream, text: string): Promise<void> {
  return new Promise((resolve) => {
    // A failure is heard by the stream's own listener.
    stream.write(text, () => resolve());
  });
}

async function main(): Promise<number> {
  const command = readCommand(process.argv.slice(2));
  if (command.kind === "help") {
    console.log(HELP);
    return 0;
  }
  return command.kind === "import" ? runImport(command) : runExport(command);
}

try {
  process.exitCode = await main();
} catch (error) {
  // A reader that has seen enough (head) is no mistake of ours.
  if ((error as NodeJS.ErrnoException).code !== "EPIPE") {
    console.error(`users: ${error instanceof Error ? error.message : error}\n\nnpm run users -- --help tells more.`);
  }
  process.exitCode = 1;
}
