import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RUNS } from "../test/support/fuzz.ts";
import { BoundedMap } from "./bounded-map.ts";
import { fromBase64Url, randomAlphanumerics, randomBase32, toBase64Url, utf8Bytes, utf8Text } from "./encoding.ts";

describe("base64url", () => {
  it("of any bytes is read back, and has that one spelling", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const text = toBase64Url(bytes);
        expect(text).toMatch(/^[A-Za-z0-9_-]*$/);
        expect([...(fromBase64Url(text) ?? [])]).toEqual([...bytes]);
      }),
      { numRuns: RUNS },
    );
  });

  it("is nothing but what it writes itself", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: "binary" }), fc.stringMatching(/^[A-Za-z0-9_=+/ -]*$/), fc.base64String()),
        (text) => {
          const bytes = fromBase64Url(text);
          if (bytes !== null) expect(toBase64Url(bytes)).toBe(text);
        },
      ),
      { numRuns: RUNS },
    );
    for (const text of ["A", "AB", "AAB", "AAAAA", "AA=", "AA==", "A A", "+/", "AA\n", "é"])
      expect(fromBase64Url(text), text).toBeNull();
  });
});

describe("UTF-8", () => {
  it("is read back, and broken bytes are refused", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(utf8Text(utf8Bytes(text))).toBe(text);
      }),
      { numRuns: RUNS },
    );
    for (const bytes of [[0xff], [0xc0, 0xaf], [0xe4, 0xb8], [0xed, 0xa0, 0x80]])
      expect(() => utf8Text(Uint8Array.from(bytes))).toThrow();
    expect(utf8Text(Uint8Array.of(0xef, 0xbb, 0xbf))).toBe("\ufeff");
  });
});

describe("random names", () => {
  it("have the alphabet and the length that they promise, and do not repeat", () => {
    const seen = new Set<string>();
    for (let run = 0; run < RUNS; run++) {
      const base32 = randomBase32(26);
      const alphanumeric = randomAlphanumerics(31);
      expect(base32).toMatch(/^[a-z2-7]{26}$/);
      expect(alphanumeric).toMatch(/^[A-Za-z0-9]{31}$/);
      seen.add(base32).add(alphanumeric);
    }
    expect(seen.size).toBe(2 * RUNS);
  });
});

describe("a bounded map", () => {
  it("behaves as a map that forgets its oldest entries, and never holds more than its limit", () => {
    const operation = fc.tuple(fc.constantFrom("set", "get", "delete"), fc.nat(9), fc.nat());
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.array(operation, { maxLength: 60 }), (limit, operations) => {
        const map = new BoundedMap<number, number>(limit);
        let model: Array<[number, number]> = [];
        for (const [kind, key, value] of operations) {
          if (kind === "set") {
            map.set(key, value);
            model = [...model.filter(([known]) => known !== key), [key, value] as [number, number]].slice(-limit);
          } else if (kind === "delete") {
            map.delete(key);
            model = model.filter(([known]) => known !== key);
          }
          expect(map.get(key)).toBe(model.find(([known]) => known === key)?.[1]);
          expect(map.size).toBe(model.length);
        }
      }),
      { numRuns: RUNS },
    );
  });
});
