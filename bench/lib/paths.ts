import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** Where things are. Everything that a run writes, but the report, lies below the ignored `.wrangler/`. */

export const ROOT = dirname(dirname(import.meta.dirname));
export const BENCH = join(ROOT, "bench");
export const SCRATCH = join(ROOT, ".wrangler", "bench");

const require = createRequire(import.meta.url);
const wranglerPackage = require.resolve("wrangler/package.json");

export const WRANGLER = join(dirname(wranglerPackage), "bin", "wrangler.js");
/** The local D1 and KV, as wrangler brings them along; the very version that it runs. */
export const MINIFLARE_WORKERS = join(dirname(createRequire(wranglerPackage).resolve("miniflare")), "workers");
export const WORKERD = join(
  dirname(createRequire(createRequire(wranglerPackage).resolve("miniflare")).resolve("workerd/package.json")),
  "bin",
  "workerd",
);
