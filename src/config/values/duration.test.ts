import { describe, expect, it } from "vitest";
import { mistakenKeys, oneSite } from "../sample-env.ts";

describe("session", () => {
  it.each([
    ["lifetime", ["10s", "90d"], ["9s", "91d", "", 60, "1.5h"]],
    ["renew", ["10s", "90d"], ["9s", "91d"]],
    ["recheck", ["30s", "1h"], ["29s", "61m", "0s"]],
  ])("%s is within its bounds, both included", async (option, good, bad) => {
    for (const value of good) expect(await mistakenKeys(oneSite({ session: { [option]: value } })), value).toEqual([]);
    for (const value of bad) {
      const keys = await mistakenKeys(oneSite({ session: { [option]: value } }));
      expect(keys, String(value)).toEqual([`SITES[0].session.${option}`]);
    }
  });
});
