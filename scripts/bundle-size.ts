import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { bundleParts, GATEWAY_CEILING_BYTES } from "./lib/bundle-parts.ts";

/** The gateway has a ceiling of its own, so that the management API cannot eat into it unnoticed. */
const WHOLE_CEILING_BYTES = 152_000;

const bundle = readFileSync("dist/index.js");
const parts = bundleParts(bundle, "dist/bundle-meta.json");

const kilobytes = (bytes: number) => `${(bytes / 1_000).toFixed(1)} KB`;
const rows = [
  { name: "gateway", bytes: parts.gateway, ceiling: GATEWAY_CEILING_BYTES },
  { name: "with the management API", bytes: parts.whole, ceiling: WHOLE_CEILING_BYTES },
];
for (const { name, bytes, ceiling } of rows) {
  console.log(`bundle, ${name}: ${kilobytes(bytes)} minified; ceiling ${kilobytes(ceiling)}`);
}
console.log(`bundle, gzip: ${kilobytes(gzipSync(bundle).length)}`);
if (rows.some(({ bytes, ceiling }) => bytes > ceiling)) {
  console.error("Over its ceiling: see what a new import brought along, or say in docs/decisions/ why it must grow.");
  process.exit(1);
}
