import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RUNS } from "../../test/support/fuzz.ts";
import { formatMistakes } from "./mistakes.ts";
import { parseConfig } from "./parse.ts";

describe("any environment", () => {
  it("is parsed or refused with reasons, never with an exception", async () => {
    const names = [
      ...["host", "origin", "via", "app_id", "app_secret", "access", "outside", "callback_host", "verify", "mode"],
      ...["rules", "headers", "session", "http", "path", "methods", "lifetime", "keys", "__proto__", "constructor"],
    ];
    const words = [
      "zone",
      "binding:X",
      "login",
      "/a/**",
      "{user}",
      "{secret:X}",
      "*.a",
      "a.b:80",
      "https://a",
      "5m",
      "wx",
    ];
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4, depthSize: "small" },
        fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom(...words), fc.jsonValue(), fc.constant(undefined)),
        fc.array(tie("value"), { maxLength: 4 }),
        fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), tie("value"), { maxKeys: 6 }),
      ),
    }));
    const env = fc.record(
      {
        SITES: fc.oneof(fc.array(value, { maxLength: 3 }), value),
        SITES_2: fc.oneof(fc.json(), value),
        DEFAULTS: value,
        WECHAT_OPEN_URL: value,
        GATEWAY_SECRET: value,
        ASSERTION_KEYS: fc.oneof(value, fc.json()),
        API_KEYS: fc.oneof(value, fc.json()),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(env, async (vars) => {
        const parsed = await parseConfig(vars);
        if (!parsed.ok) expect(formatMistakes(parsed.mistakes)).not.toBe("");
      }),
      { numRuns: RUNS },
    );
  });
});
