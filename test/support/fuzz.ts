import { inject } from "vitest";

declare module "vitest" {
  interface ProvidedContext {
    fuzzRuns: number;
  }
}

/** Runs of each property: a fast subset in `npm test`, many in `npm run fuzz` (vitest.config.ts decides by its mode). */
export const RUNS = inject("fuzzRuns");
