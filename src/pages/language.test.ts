import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pickLanguage } from "./language.ts";

describe("pickLanguage", () => {
  it.each([
    [null, "zh"],
    ["", "zh"],
    ["*", "zh"],
    ["fr", "zh"],
    ["zh-CN,zh;q=0.9,en;q=0.8", "zh"],
    ["zh-TW,en;q=0.5", "zh"],
    ["en,zh", "zh"],
    ["en;q=0.8,zh;q=0.9", "zh"],
    ["en;q=0.5,*;q=0.8", "zh"],
    ["en;q=0", "zh"],
    ["en;q=x", "zh"],
    ["en;q=9", "zh"],
    ["english please", "zh"],
    ["enx-US", "zh"],
    ["en", "en"],
    ["EN-us", "en"],
    ["en_US", "en"],
    ["en-US,en;q=0.9,zh-CN;q=0.8", "en"],
    ["fr,en;q=0.5", "en"],
    ["en-GB ; q=0.7 , zh ; q=0.2", "en"],
    ["zh;q=0, *", "en"],
    [`en,${"x".repeat(5000)}`, "zh"],
  ])("%j is %s", (header, language) => {
    expect(pickLanguage(header)).toBe(language);
  });

  it("answers zh or en to anything", () => {
    const part = fc.oneof(
      fc.constantFrom("en", "zh", "*", ";", "q=", ",", "-", "0.5", " "),
      fc.string({ unit: "binary" }),
    );
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        expect(["zh", "en"]).toContain(pickLanguage(parts.join("")));
      }),
    );
  });

  it("keeps to the higher weight", () => {
    const weight = fc.integer({ min: 0, max: 1000 }).map((thousandths) => thousandths / 1000);
    fc.assert(
      fc.property(weight, weight, (en, zh) => {
        expect(pickLanguage(`en;q=${en},zh;q=${zh}`)).toBe(en > zh ? "en" : "zh");
      }),
    );
  });
});
