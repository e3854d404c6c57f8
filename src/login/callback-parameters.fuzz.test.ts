import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RUNS } from "../../test/support/fuzz.ts";
import { toBase64Url, utf8Bytes } from "../encoding.ts";
import { parseCallback } from "./callback-parameters.ts";
import { addressKey } from "./flood.ts";

const STATE = `${"aB3".repeat(10)}x0`;
const CODE = "081aBcDeFgHiJkLmNoPqRsTuVwXyZ012";
const hint = (path: string) => toBase64Url(utf8Bytes(path));

describe("the callback's parameters", () => {
  it.each([
    [`?code=${CODE}&state=${STATE}`, { state: STATE, code: CODE, site: null, returnTo: "/" }],
    [`?state=${STATE}&code=${CODE}&r=${hint("/a?b=1")}`, { state: STATE, code: CODE, site: null, returnTo: "/a?b=1" }],
    [
      `?code=${CODE}&state=${STATE}&site=Shop.Example.com.`,
      { state: STATE, code: CODE, site: "shop.example.com", returnTo: "/" },
    ],
    [`?state=${STATE}`, { state: STATE, code: null, site: null, returnTo: "/" }],
    [`?state=${STATE}&code=`, { state: STATE, code: null, site: null, returnTo: "/" }],
    [`?state=${STATE}&code=authdeny`, { state: STATE, code: null, site: null, returnTo: "/" }],
    [`?state=${STATE}&code[]=${CODE}`, { state: STATE, code: null, site: null, returnTo: "/" }],
    [`?code=${CODE}&state=${STATE}&utm=1`, { state: STATE, code: CODE, site: null, returnTo: "/" }],
  ])("%s is read", (search, parameters) => {
    expect(parseCallback(search, "https")).toEqual(parameters);
  });

  it.each([
    "",
    "?",
    `?code=${CODE}`,
    `?code=${CODE}&state=`,
    `?code=${CODE}&state=short`,
    `?code=${CODE}&state=${STATE}0`,
    `?code=${CODE}&state=${STATE.slice(1)}`,
    `?code=${CODE}&state=${STATE.slice(0, -1)}3`,
    `?code=${CODE}&state=${STATE.slice(0, -1)}%0a`,
    `?code=${CODE}&state=${STATE}%0a`,
    `?code=${CODE}&state=%00${STATE}`,
    `?code=${CODE}&state[]=${STATE}`,
    `?code=${CODE}&State=${STATE}`,
    `?code=${CODE}&state=${"a".repeat(10_240)}`,
    `?code=${CODE}&state=${STATE}&state=${STATE}`,
    `?code=${CODE}&code=${CODE}&state=${STATE}`,
    `?code=${CODE}&state=${STATE}&r=a&r=b`,
    `?code=${CODE}&state=${STATE}&site=a&site=b`,
    `?code=${CODE}&state=${STATE}&x=1&x=2`,
    `?code=${CODE}&state=${STATE}&%73tate=${STATE}`,
    `?code=${CODE}&state=${STATE}&c%6fde=`,
    `?code=${"a".repeat(513)}&state=${STATE}`,
    `?code=a%20b&state=${STATE}`,
    `?code=a%0d%0ab&state=${STATE}`,
    `?code=%E4%B8%AD&state=${STATE}`,
    `?code=a%26secret%3Dx&state=${STATE}`,
    `?code=../../x&state=${STATE}`,
    `?code=${CODE}&state=${STATE}&site=evil@shop.example.com`,
    `?code=${CODE}&state=${STATE}&site=shop.example.com%2Fevil`,
    `?code=${CODE}&state=${STATE}&site=shop.example.com%0d%0a`,
  ])("%s is malformed", (search) => {
    expect(parseCallback(search, "https")).toBeNull();
  });

  it("hold a safe return path and harmless characters, or are malformed, whatever is sent", () => {
    const name = fc.constantFrom("state", "code", "site", "r", "st%61te", "code[]", "x", "");
    const value = fc.oneof(
      fc.constantFrom(
        STATE,
        CODE,
        "authdeny",
        "shop.example.com",
        hint("/a"),
        hint("//evil"),
        hint("/_wx/logout"),
        hint("/\\evil"),
        hint("/a\r\nb"),
        "_",
        "A",
        "gA",
      ),
      fc.string({ unit: "binary" }).map((text) => encodeURIComponent(text.toWellFormed())),
      fc.webUrl().map(hint),
      fc.string({ unit: "binary" }),
    );
    const search = fc
      .array(
        fc.tuple(name, value).map((pair) => pair.join("=")),
        { maxLength: 6 },
      )
      .map((pairs) => `?${pairs.join("&")}`);
    const nearlyGood = search.map((rest) => `?state=${STATE}&${rest.slice(1)}`);
    fc.assert(
      fc.property(fc.oneof(search, nearlyGood), (given) => {
        const parameters = parseCallback(given, "https");
        if (parameters === null) return;
        expect(parameters.state).toMatch(/^[A-Za-z0-9]{31}[012]$/);
        if (parameters.code !== null) expect(parameters.code).toMatch(/^[A-Za-z0-9_-]{1,512}$/);
        if (parameters.site !== null) expect(parameters.site).toMatch(/^[a-z0-9_.:[\]-]+$/);
        expect(new URL(parameters.returnTo, "https://shop.example.com").host).toBe("shop.example.com");
        expect(parameters.returnTo).toMatch(/^\/(?!\/|_wx(?:\/|$))[\x21-\x7e]*$/);
      }),
      { numRuns: RUNS },
    );
  });
});

describe("the key that an address is limited by", () => {
  it.each([
    ["192.0.2.1", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["2001:db8:1:2::", "2001:db8:1:2"],
    ["2001:0DB8:0001:0002:ffff::1", "2001:db8:1:2"],
    ["2001:db8::1", "2001:db8:0:0"],
    ["::1", "0:0:0:0"],
    ["::", "0:0:0:0"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["::FFFF:192.0.2.2", "192.0.2.2"],
  ])("%s: %s", (address, key) => {
    expect(addressKey(address)).toBe(key);
  });

  it("is one for a whole IPv6 /64, another for the next, in every spelling", () => {
    fc.assert(
      fc.property(fc.ipV6(), fc.ipV6(), (address, other) => {
        if (address.includes(".") || other.includes(".")) return;
        const prefix = (text: string) => {
          const { hostname } = new URL(`http://[${text}]/`);
          const [head = "", tail = ""] = hostname.slice(1, -1).split("::");
          const left = head === "" ? [] : head.split(":");
          const right = tail === "" ? [] : tail.split(":");
          return [...left, ...Array(hostname.includes("::") ? 8 - left.length - right.length : 0).fill("0"), ...right]
            .slice(0, 4)
            .join(":");
        };
        expect(addressKey(address)).toBe(prefix(address));
        expect(addressKey(address) === addressKey(other)).toBe(prefix(address) === prefix(other));
      }),
      { numRuns: RUNS },
    );
  });
});
