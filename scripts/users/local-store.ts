/** This machine's D1: what `wrangler dev` and `npm start` keep their users in. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Site } from "../../src/config/config.ts";
import { formatMistakes } from "../../src/config/mistakes.ts";
import { exportPage, readCursor, writeCursor } from "../../src/storage/export.ts";
import { importBatch, type Statement, type StatementResult } from "../../src/storage/import-batch.ts";
import { REFUSALS } from "../../src/storage/import-row.ts";
import { examine } from "../lib/doctor-parse.ts";
import { readLocalSecrets, readWranglerFile, type Table, tablesAt } from "../lib/wrangler-file.ts";
import type { Target } from "./options.ts";
import type { Store } from "./store.ts";

const PAGE_ROWS = 1_000;
const NOBODY_WITHHELD: ReadonlySet<string> = new Set();

export async function openLocalStore(target: Extract<Target, { kind: "local" }>): Promise<Store> {
  const config = resolve(target.config);
  const wrangler = readWranglerFile(config);
  const site = await chooseSite(wrangler, config, target.site);
  const persistTo = resolve(target.persistTo ?? join(dirname(config), ".wrangler", "state"));
  if (!existsSync(join(persistTo, "v3", "d1"))) {
    throw new Error(`there is no D1 in ${persistTo} yet; make it: ${migrationCommand(config, persistTo)}`);
  }
  const host = await startHost(persistTo, databaseId(wrangler));
  const run = (statements: Statement[]) => runBatch(host.url, statements, migrationCommand(config, persistTo));
  const read = async (sql: string, ...values: (string | number)[]) => (await run([{ sql, values }]))[0]?.results ?? [];

  return {
    name: `${site.id} in ${persistTo}`,
    context: { appId: site.account.appId, withheldAppIds: NOBODY_WITHHELD, storeProfile: site.storeProfile },
    importRows: async (rows, malformed) => {
      const source = { site: site.id, actor: "system", malformed };
      const batch = importBatch(
        rows.map(({ row }) => row),
        source,
        Math.floor(Date.now() / 1_000),
      );
      const { refused, ...counts } = batch.outcome(await run(batch.statements));
      const explain = (code: keyof typeof REFUSALS) => ({ code, detail: REFUSALS[code] });
      return { ...counts, refused: refused.map(({ row, refusals }) => ({ row, reasons: refusals.map(explain) })) };
    },
    exportPage: async (cursor) => {
      const after = cursor === null ? null : readCursor(cursor);
      const page = await exportPage(read, { site: site.id, withheldAppIds: NOBODY_WITHHELD }, after, PAGE_ROWS);
      return { rows: page.rows, next: page.next === null ? null : writeCursor(page.next) };
    },
    close: host.stop,
  };
}

/** The site that was named, or the only one. */
async function chooseSite(wrangler: Table, config: string, wanted: string | null): Promise<Site> {
  const { parsed } = await examine(wrangler, readLocalSecrets(config));
  if (!parsed.ok) throw new Error(`${config}: ${formatMistakes(parsed.mistakes)}`);
  const { sites } = parsed.config;
  const [only] = sites;
  const site = wanted === null && sites.length === 1 ? only : sites.find(({ id }) => id === wanted);
  if (site !== undefined) return site;
  const names = sites.map(({ id }) => id).join(", ");
  throw new Error(
    wanted === null ? `name the site with --site: ${names}` : `${config} has no site ${wanted}, but ${names}`,
  );
}

/** By what wrangler names the database's file. */
function databaseId(wrangler: Table): string {
  const database = tablesAt(wrangler, "d1_databases").find(({ binding }) => binding === "DB");
  if (database === undefined) throw new Error("the wrangler file has no d1_databases with binding DB");
  return String(database.preview_database_id ?? database.database_id ?? database.binding);
}

const migrationCommand = (config: string, persistTo: string) =>
  `npx wrangler d1 migrations apply DB --local --config ${config} --persist-to ${persistTo}`;

async function startHost(persistTo: string, id: string): Promise<{ url: string; stop: () => Promise<void> }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "local-d1.ts"), persistTo, id], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    detached: process.platform !== "win32",
    windowsHide: true,
  });
  let said = "";
  child.stderr?.on("data", (chunk) => {
    said = `${said}${chunk}`.slice(-2_000);
  });
  const ended = once(child, "exit");
  const [url] = await Promise.race([
    once(child, "message"),
    ended.then(() => {
      throw new Error(`this machine's D1 did not start: ${said}`);
    }),
  ]);
  return {
    url: String(url),
    stop: async () => {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

async function runBatch(url: string, statements: Statement[], migrations: string): Promise<StatementResult[]> {
  const pool = [...new Set(statements.flatMap(({ values }) => values))];
  const indexes = new Map(pool.map((value, index) => [value, index]));
  const sent = statements.map(({ sql, values }) => ({ sql, at: values.map((value) => indexes.get(value)) }));
  const answer = await fetch(url, { method: "POST", body: JSON.stringify({ pool, statements: sent }) });
  if (answer.ok) return (await answer.json()) as StatementResult[];
  const problem = await answer.text();
  if (/no such (table|column)/.test(problem)) throw new Error(`D1 lacks tables (${problem}); first: ${migrations}`);
  if (/SQLITE_BUSY|database is locked/.test(problem)) {
    throw new Error(`another program writes to this D1 (${problem}); stop wrangler dev or npm start`);
  }
  throw new Error(problem);
}
