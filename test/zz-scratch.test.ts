import { it } from "vitest";
import { RUNS } from "./support/fuzz.ts";
it("scratch", async () => {
  console.info(RUNS);
  const r = new Request("https://x/"); Object.defineProperty(r, "url", { value: "https://x/a/../b" });
  console.info(r.url);
});
