import { readFileSync } from "node:fs";

/** Small code starts fast and is read fast: what visitors meet has a ceiling of its own (docs/decisions/0012). */
export const GATEWAY_CEILING_BYTES = 120_000;

/** What only the management API, import, export and housekeeping bring in. */
const MANAGEMENT =
  /^src\/(?:api|jobs)\/|^node_modules\/hono\/dist\/router\/|^src\/config\/api-keys\.ts$|^src\/storage\/(?:delete-user|events|export|housekeeping|import-[\w-]+|import|list-users|page|run-batch|site-sessions|users)\.ts$/;

type Metafile = { outputs: Record<string, { entryPoint?: string; inputs: Record<string, { bytesInOutput: number }> }> };

/** Bytes of a bundle: the gateway that visitors meet, and the whole with the management API (docs/decisions/0012). */
export type BundleParts = { gateway: number; whole: number };

/** @param metafile esbuild's, of the same build */
export function bundleParts(bundle: Uint8Array, metafile: string): BundleParts {
  const { outputs }: Metafile = JSON.parse(readFileSync(metafile, "utf8"));
  const output = Object.values(outputs).find(({ entryPoint }) => entryPoint !== undefined);
  if (output === undefined) throw new Error(`${metafile} names no entry point`);
  const management = Object.entries(output.inputs)
    .filter(([file]) => MANAGEMENT.test(file))
    .reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0);
  return { gateway: bundle.length - management, whole: bundle.length };
}
