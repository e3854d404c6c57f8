import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

/**
 * The ceilings of the minified bundle: small code starts fast and is read fast. The gateway that visitors meet has one
 * of its own, so that the management API cannot eat into it unnoticed (docs/decisions/0012).
 */
const GATEWAY_CEILING_BYTES = 120_000;
const WHOLE_CEILING_BYTES = 160_000;

/** What only the management API, import, export and housekeeping bring in. */
const MANAGEMENT =
  /^src\/(?:api|jobs)\/|^node_modules\/hono\/dist\/router\/|^src\/config\/api-keys\.ts$|^src\/storage\/(?:delete-user|events|export|housekeeping|import-[\w-]+|import|list-users|site-sessions|users)\.ts$/;

type Metafile = { outputs: Record<string, { entryPoint?: string; inputs: Record<string, { bytesInOutput: number }> }> };

const bundle = readFileSync("dist/index.js");
const metafile: Metafile = JSON.parse(readFileSync("dist/bundle-meta.json", "utf8"));
const output = Object.values(metafile.outputs).find(({ entryPoint }) => entryPoint !== undefined);
if (output === undefined) throw new Error("dist/bundle-meta.json names no entry point");
const management = Object.entries(output.inputs)
  .filter(([file]) => MANAGEMENT.test(file))
  .reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0);

const kilobytes = (bytes: number) => `${(bytes / 1_000).toFixed(1)} KB`;
const rows = [
  { name: "gateway", bytes: bundle.length - management, ceiling: GATEWAY_CEILING_BYTES },
  { name: "with the management API", bytes: bundle.length, ceiling: WHOLE_CEILING_BYTES },
];
for (const { name, bytes, ceiling } of rows) {
  console.log(`bundle, ${name}: ${kilobytes(bytes)} minified; ceiling ${kilobytes(ceiling)}`);
}
console.log(`bundle, gzip: ${kilobytes(gzipSync(bundle).length)}`);
if (rows.some(({ bytes, ceiling }) => bytes > ceiling)) {
  console.error("Over its ceiling: see what a new import brought along, or say in docs/decisions/ why it must grow.");
  process.exit(1);
}
