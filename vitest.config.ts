import { availableParallelism } from "node:os";
import { join } from "node:path";
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";

// workerd warns at length of each header that the hostile inputs fill with other bytes than ASCII, and the plugin
// passes its words on from this process. They are what those tests are about, so they are left out.
for (const stream of [process.stdout, process.stderr]) {
  const write = stream.write.bind(stream);
  stream.write = ((chunk: string | Uint8Array, ...more: []) =>
    typeof chunk === "string" && chunk.startsWith("A header value for ")
      ? true
      : write(chunk, ...more)) as typeof write;
}

/** What runs in real workerd, with the real migrations. */
const workerd = cloudflareTest(async () => ({
  wrangler: { configPath: "./test/wrangler.toml" },
  miniflare: { bindings: { TEST_MIGRATIONS: await readD1Migrations("./migrations") } },
}));
const setupFiles = ["./test/support/apply-migrations.ts"];
/** Properties take a second or two, and on a busy machine more than Vitest's 5 s. */
const testTimeout = 30_000;

/**
 * Three projects: the tests beside their code, which share one isolate and so start fast; those of the whole gateway,
 * each file with an isolate and a database of its own; and those that drive real processes from Node.
 */
export default defineConfig(({ mode }) => {
  // `npm run fuzz` is `--mode fuzz`: many runs of each property; otherwise a fast subset.
  const provide = { fuzzRuns: mode === "fuzz" ? 10_000 : 100 };
  return {
    test: {
      // Vitest leaves a core free: on two cores that would be one worker, and the suite twice as long.
      maxWorkers: Math.max(2, availableParallelism() - 1),
      projects: [
        {
          plugins: [workerd],
          test: {
            name: "unit",
            include: ["src/**/*.test.ts", "simulator/**/*.test.ts"],
            setupFiles,
            provide,
            testTimeout,
            isolate: false,
          },
        },
        { plugins: [workerd], test: { name: "worker", include: ["test/*.test.ts"], setupFiles, provide, testTimeout } },
        {
          test: {
            name: "e2e",
            environment: "node",
            // Scripts are started hundreds of times: Node keeps what it made of their TypeScript (0.08 instead of 0.2 s each).
            env: { NODE_COMPILE_CACHE: join(import.meta.dirname, "node_modules/.cache/node-compile") },
            include: ["test/e2e/**/*.test.ts", "scripts/**/*.test.ts"],
            testTimeout: 60_000,
            hookTimeout: 90_000,
          },
        },
      ],
    },
  };
});
