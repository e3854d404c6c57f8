// The gateway with its bindings watched, for the counts of the report and for the load test only: the figures of the
// other sections come from the Worker as it is deployed. Counts D1 round trips, statements and rows, and KV
// operations; fails a share of the D1 calls when told to.
import { AsyncLocalStorage } from "node:async_hooks";
import gateway from "./gateway.js";

const counts = { d1Calls: 0, statements: 0, rowsRead: 0, rowsWritten: 0, sqlMs: 0, kvGets: 0, kvPuts: 0, injected: 0 };
let failingShare = 0;

/** What happened to the request that is under way: its 5xx is excused only if its own D1 call was failed. */
const underWay = new AsyncLocalStorage();

/** One object per `env`: the gateway prepares itself once for each that it sees. */
const watched = new WeakMap();

export default {
  async fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/instrumented/counts") return Response.json(counts);
    if (pathname === "/instrumented/fail-d1") {
      failingShare = Number(searchParams.get("share"));
      return Response.json({ failingShare });
    }
    if (!watched.has(env)) watched.set(env, { ...env, DB: watchDatabase(env.DB), TOKENS: watchNamespace(env.TOKENS) });
    const facts = { injected: false };
    const response = await underWay.run(facts, () => gateway.fetch(request, watched.get(env), ctx));
    if (response.status < 500 || !facts.injected) return response;
    const marked = new Response(response.body, response);
    marked.headers.set("x-injected", "d1");
    return marked;
  },
};

function watchDatabase(database) {
  const originals = new WeakMap();
  const watch = (statement) => {
    const run =
      (method) =>
      async (...parameters) => {
        counts.d1Calls++;
        counts.statements++;
        failSometimes();
        const result = await statement[method](...parameters);
        countRows(result?.meta);
        return result;
      };
    const one = {
      bind: (...values) => watch(statement.bind(...values)),
      run: run("run"),
      all: run("all"),
      raw: run("raw"),
      // `all`, because `first` tells no counts.
      first: async (column) => {
        const { results } = await one.all();
        const row = results[0] ?? null;
        return row === null || column === undefined ? row : row[column];
      },
    };
    originals.set(one, statement);
    return one;
  };
  return {
    prepare: (sql) => watch(database.prepare(sql)),
    batch: async (statements) => {
      counts.d1Calls++;
      counts.statements += statements.length;
      failSometimes();
      const results = await database.batch(statements.map((statement) => originals.get(statement)));
      for (const { meta } of results) countRows(meta);
      return results;
    },
  };
}

function countRows(meta) {
  counts.rowsRead += meta?.rows_read ?? 0;
  counts.rowsWritten += meta?.rows_written ?? 0;
  counts.sqlMs += meta?.duration ?? 0;
}

function failSometimes() {
  if (Math.random() >= failingShare) return;
  counts.injected++;
  const facts = underWay.getStore();
  if (facts !== undefined) facts.injected = true;
  throw new Error("D1_ERROR: injected by the load test");
}

function watchNamespace(namespace) {
  return {
    get: (...parameters) => {
      counts.kvGets++;
      return namespace.get(...parameters);
    },
    put: (...parameters) => {
      counts.kvPuts++;
      return namespace.put(...parameters);
    },
    delete: (...parameters) => namespace.delete(...parameters),
    list: (...parameters) => namespace.list(...parameters),
  };
}
