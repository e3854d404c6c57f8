import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

/** The ceiling of the minified bundle: small code starts fast and is read fast. */
const CEILING_BYTES = 150_000;

const bundle = readFileSync("dist/index.js");
const kilobytes = (bytes: number) => `${(bytes / 1_000).toFixed(1)} KB`;
console.log(
  `bundle: ${kilobytes(bundle.length)} minified, ${kilobytes(gzipSync(bundle).length)} gzip; ceiling ${kilobytes(CEILING_BYTES)}`,
);
if (bundle.length > CEILING_BYTES) {
  console.error(
    "The bundle is over its ceiling: see what a new import brought along, or say in docs/decisions/ why it must grow.",
  );
  process.exit(1);
}
