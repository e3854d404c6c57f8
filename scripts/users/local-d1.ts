/**
 * Hosts this machine's D1, the one that `wrangler dev` uses: a process of its own, in a group of its own, so that
 * Ctrl-C in the terminal reaches the import and not the database under it. Ends with its parent.
 *
 *   node scripts/users/local-d1.ts PERSIST_TO DATABASE_ID
 */
import { createRequire } from "node:module";
import { join } from "node:path";

// wrangler's own Miniflare: any other could lay the database out in another way.
const require = createRequire(createRequire(import.meta.url).resolve("wrangler/package.json"));
const { Miniflare, convertV4MiniflareOptions } = (await import(require.resolve("miniflare"))) as MiniflareModule;

type MiniflareModule = {
  Miniflare: new (options: unknown) => { ready: Promise<URL>; dispose(): Promise<void> };
  convertV4MiniflareOptions: (options: Record<string, unknown>) => unknown;
};

/**
 * Runs a batch; its values come once each, however many statements name them. The path is a secret: the port is open to
 * every program of this machine.
 */
const WORKER = `export default {
  async fetch(request, { DB, SECRET }) {
    if (new URL(request.url).pathname !== "/" + SECRET) return new Response(null, { status: 404 });
    try {
      const { pool, statements } = await request.json();
      const bound = statements.map(({ sql, at }) => DB.prepare(sql).bind(...at.map((index) => pool[index])));
      return Response.json(await DB.batch(bound));
    } catch (error) {
      return new Response(error.message, { status: 500 });
    }
  },
};`;

const [persistTo = "", databaseId = ""] = process.argv.slice(2);
const secret = crypto.randomUUID();
const host = new Miniflare(
  convertV4MiniflareOptions({
    modules: true,
    script: WORKER,
    compatibilityDate: "2026-11-01",
    bindings: { SECRET: secret },
    d1Databases: { DB: databaseId },
    resourcePersistencePath: join(persistTo, "v3"),
    host: "127.0.0.1",
    // No look at cloudflare.com for a request.cf.
    cf: false,
  }),
);
process.on("disconnect", async () => {
  await host.dispose();
  process.exit();
});
const url = await host.ready;
process.send?.(new URL(`/${secret}`, url).href);
