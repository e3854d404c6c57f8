import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type BundleParts, bundleParts } from "../../scripts/lib/bundle-parts.ts";
import { ROOT, SCRATCH, WRANGLER } from "./paths.ts";

export type Bundle = { file: string; parts: BundleParts; gzipBytes: number };

/** Builds the Worker as `npm run deploy` does, without deploying; `readable` keeps names for the profiler. */
export function buildGateway({ readable = false } = {}): Bundle {
  const directory = join(SCRATCH, readable ? "build-readable" : "build");
  mkdirSync(directory, { recursive: true });
  const metafile = join(directory, "meta.json");
  const args = [WRANGLER, "deploy", "--dry-run", "--outdir", directory, "--metafile", metafile];
  if (readable) args.push("--no-minify");
  const environment = { ...process.env, CI: "true", WRANGLER_SEND_METRICS: "false", WRANGLER_WRITE_LOGS: "false" };
  const built = spawnSync(process.execPath, args, { cwd: ROOT, encoding: "utf8", env: environment });
  if (built.status !== 0) throw new Error(`the Worker does not build:\n${built.stdout}${built.stderr}`);
  const file = join(directory, "index.js");
  const text = readFileSync(file);
  return { file, parts: bundleParts(text, metafile), gzipBytes: gzipSync(text).length };
}
