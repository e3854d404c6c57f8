import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RUNS } from "../test/support/fuzz.ts";
import {
  attemptCookieName,
  clearCookie,
  cookiesForOrigin,
  expireOriginCookie,
  isAttemptCookie,
  isOwnCookie,
  looksLikeOwnCookie,
  parseCookies,
  sessionCookieName,
  setCookie,
  setsOwnCookie,
  signedOutCookieName,
} from "./cookies.ts";
import { fromBase64Url } from "./encoding.ts";
import { importSealingKeys, open, seal } from "./seal.ts";

const key = (first: number) => Uint8Array.from({ length: 32 }, (_, index) => first + index);
const keys = await importSealingKeys([key(0)]);
const otherKeys = await importSealingKeys([key(100)]);
const CONTEXT = ["session", "shop.example.com", "wx0123456789abcdef"];

describe("sealing", () => {
  it("opens exactly what was sealed, for exactly the same context", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary" }), fc.array(fc.string()), async (raw, context) => {
        const text = raw.toWellFormed();
        const sealed = await seal(keys, context, text);
        expect(sealed).toMatch(/^[A-Za-z0-9_-]+$/);
        expect(await open(keys, context, sealed)).toEqual({ ok: true, text });
        expect(await open(keys, [...context, ""], sealed)).toEqual({ ok: false, reason: "unopenable" });
      }),
      { numRuns: RUNS },
    );
  });

  it.each([
    ["purpose", ["attempt", "shop.example.com", "wx0123456789abcdef"]],
    ["host", ["session", "other.example.com", "wx0123456789abcdef"]],
    ["AppID", ["session", "shop.example.com", "wxfedcba9876543210"]],
    ["split of the same characters", ["session", "shop.example", ".comwx0123456789abcdef"]],
    ["order", [...CONTEXT].reverse()],
    ["number of parts", CONTEXT.slice(0, 2)],
    ["joined parts", [CONTEXT.join(" ")]],
  ])("never opens for another %s", async (_, context) => {
    expect(await open(keys, context, await seal(keys, CONTEXT, "x"))).toEqual({ ok: false, reason: "unopenable" });
  });

  it("opens with any key of the ring, seals with the first, and not with a removed one", async () => {
    const ring = [...otherKeys, ...keys];
    const sealed = await seal(keys, CONTEXT, "x");
    expect(await open(ring, CONTEXT, sealed)).toEqual({ ok: true, text: "x" });
    expect(await open(otherKeys, CONTEXT, sealed)).toEqual({ ok: false, reason: "unknown_key" });
    expect(await open(keys, CONTEXT, await seal(ring, CONTEXT, "x"))).toEqual({ ok: false, reason: "unknown_key" });
    expect(await open([], CONTEXT, sealed)).toEqual({ ok: false, reason: "unknown_key" });
    await expect(seal([], CONTEXT, "x")).rejects.toThrow();
  });

  it.each(["x", "xy", "xyz", '["a","b"]'.repeat(20)])(
    "does not open with any one bit flipped, any character replaced, cut or added (%#)",
    async (text) => {
      const sealed = await seal(keys, CONTEXT, text);
      const bytes = fromBase64Url(sealed) ?? new Uint8Array();
      const forged = new Set<string>();
      for (let position = 0; position < sealed.length; position++) {
        forged.add(sealed.slice(0, position));
        forged.add(sealed.slice(position + 1));
        for (const character of "AZaz09-_=+/ .%\u0000é") {
          if (character === sealed[position]) continue;
          forged.add(sealed.slice(0, position) + character + sealed.slice(position + 1));
          forged.add(sealed.slice(0, position) + character + sealed.slice(position));
        }
      }
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        const flipped = bytes.slice();
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        forged.add(flipped.toBase64({ alphabet: "base64url", omitPadding: true }));
      }
      forged
        .add(`${sealed}=`)
        .add(`${sealed}==`)
        .add(sealed + sealed)
        .add(` ${sealed}`)
        .add(`"${sealed}"`);
      forged.delete(sealed);
      const opened = await Promise.all(
        [...forged].map(async (value) => ({ value, ...(await open(keys, CONTEXT, value)) })),
      );
      expect(opened.filter(({ ok }) => ok).map(({ value }) => value)).toEqual([]);
    },
  );

  it("says malformed only of what it never wrote, and never throws", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.string({ unit: "binary" }), fc.base64String(), fc.stringMatching(/^AQ[\w-]*$/)),
        async (value) => {
          const opened = await open(keys, CONTEXT, value);
          expect(opened.ok).toBe(false);
        },
      ),
      { numRuns: RUNS },
    );
    for (const value of ["", "A", "AQ", "=", "%00", "A".repeat(43), "a".repeat(100_000), "\u0000"]) {
      expect(await open(keys, CONTEXT, value)).toEqual({ ok: false, reason: "malformed" });
    }
  });
});

const token = fc.stringMatching(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,12}$/);
const ownNames = fc.constantFrom(
  "__Host-wx",
  "__Host-wx_out",
  "__Host-wx_a_AbCd1234",
  "__host-WX",
  "__HOST-wx_a_",
  "wx",
  "wx_out",
  "wx_a_x",
);
const anyHeader = fc
  .array(
    fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.tuple(ownNames, fc.string()).map(([name, value]) => `${name}=${value}`),
      fc.tuple(token, fc.string()).map(([name, value]) => ` ${name} = ${value}`),
      fc.constantFrom("", " ", "=", "==", "=__Host-wx=x", "a", '"', "\t", "\u00a0__Host-wx=x"),
    ),
  )
  .map((parts) => parts.join(";"));

describe("the Cookie header", () => {
  it("is read into the parts that it has, however crooked, and nothing of it is lost", () => {
    fc.assert(
      fc.property(anyHeader, (header) => {
        const pairs = parseCookies(header);
        expect(pairs).toHaveLength(header === "" ? 0 : header.split(";").length);
        for (const { name, raw } of pairs) {
          expect(header).toContain(raw);
          expect(name).not.toMatch(/^[ \t]|[ \t]$|[;=]/);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it("reaches the origin without anything of ours and with everything else, byte for byte and in its order", () => {
    fc.assert(
      fc.property(anyHeader, fc.constantFrom("https" as const, "http" as const), (header, scheme) => {
        const kept = cookiesForOrigin(scheme, header);
        const pairs = parseCookies(header);
        const raws = pairs.map(({ raw }) => raw);
        // Several lines arrive joined by commas.
        const expected = raws.flatMap((raw) => {
          const lines = raw.split(",");
          const own = lines.findIndex((line) => setsOwnCookie(scheme, line));
          return own === 0 ? [] : [own < 0 ? raw : lines.slice(0, own).join(",")];
        });
        expect(kept).not.toBe("");
        const isTouched = expected.join(";") !== raws.join(";");
        expect(kept ?? "").toBe(isTouched ? expected.join("; ") : header);
        for (const { name } of parseCookies(kept)) expect(isOwnCookie(scheme, name)).toBe(false);
        // A second gateway behind would remove nothing more.
        expect(cookiesForOrigin(scheme, kept)).toBe(kept);
      }),
      { numRuns: RUNS },
    );
  });

  it.each([
    ["a=1", "a=1"],
    ["a=1; __Host-wx=s", "a=1"],
    ["__Host-wx=s", null],
    ["__Host-wx=s; a=1; __Host-wx_a_12345678=t; b=2; __Host-wx_out=o", "a=1; b=2"],
    ["__HOST-WX=s; a=1", "a=1"],
    ["__host-wx_A_x=s; a=1", "a=1"],
    ["a=1;__Host-wx=s;b=2", "a=1; b=2"],
    ["a=1;  b=2", "a=1;  b=2"],
    ["__Host-wxy=mine", "__Host-wxy=mine"],
    ["wx=the site's own on https; wx_out=1; wx_a_1=2", "wx=the site's own on https; wx_out=1; wx_a_1=2"],
    ["\u00a0__Host-wx=s; a=1", "a=1"],
    ["=__Host-wx=s; a=1", "a=1"],
    ["a=__Host-wx=s", "a=__Host-wx=s"],
    // two lines in one request, as the runtime joins them
    ["a=1, __Host-wx=s", "a=1"],
    ["a=1; b=2, __Host-wx=s; c=3", "a=1; b=2; c=3"],
    ["a=1,2, __Host-wx_a_12345678=s, d=4; c=3", "a=1,2; c=3"],
    ["__Host-wx=s, a=1", null],
    ["a=1,2; b=[3, 4], wx=5", "a=1,2; b=[3, 4], wx=5"],
    ["", null],
    [null, null],
  ])("%j is forwarded as %j", (header, forwarded) => {
    expect(cookiesForOrigin("https", header)).toBe(forwarded);
  });

  it("takes time in proportion to its length", () => {
    // No clock: work that grows with the square of this length would not end within the test's time limit.
    for (const run of [" ", "\t", "=", ";", "; ", "__Host-wx=;", "=__Host-wx", "a \t"]) {
      const header = `__Host-wx=a${run.repeat(Math.floor(1_000_000 / run.length))}b; c${run.repeat(100)}=d`;
      expect(parseCookies(header)[0]?.name, JSON.stringify(run)).toBe("__Host-wx");
      expect(cookiesForOrigin("https", header), JSON.stringify(run)).not.toContain("__Host-wx=a");
    }
  });
});

describe("the names of our cookies", () => {
  it("are read exactly, and only with the prefix on https", () => {
    for (const name of [
      sessionCookieName("https"),
      signedOutCookieName("https"),
      attemptCookieName("https", "AbCdEfGhIj"),
    ]) {
      expect(name).toMatch(/^__Host-wx/);
      expect(isOwnCookie("https", name)).toBe(true);
      for (const other of [
        name.slice(7),
        name.toLowerCase().replace("host", "HOST"),
        ` ${name}`,
        `\u00a0${name}`,
        `\ufeff${name}`,
        `"${name}"`,
        `=${name}`,
        name.replace("__Host-", "__Secure-"),
        name.replace("-", "_"),
      ]) {
        expect(isOwnCookie("https", other), JSON.stringify(other)).toBe(false);
      }
    }
    for (const after of [" ", "\u00a0", "\u0000", "=", "x"])
      expect(isOwnCookie("https", `__Host-wx${after}`)).toBe(false);
    expect(isAttemptCookie("https", "__Host-wx_a_12345678")).toBe(true);
    expect(isAttemptCookie("https", "wx_a_12345678")).toBe(false);
    expect(isAttemptCookie("http", "wx_a_12345678")).toBe(true);
  });

  it.each([
    "__Host-wx=x",
    "__Host-wx=x; Path=/; Secure",
    "__host-wx=x",
    "__HOST-WX_OUT=x",
    " __Host-wx=x",
    "\t__Host-wx \t=x",
    "\u00a0__Host-wx=x",
    "\ufeff__Host-wx=x",
    "__Host-wx_a_AbCd1234=x",
    "__Host-wx_a_=",
    "__Host-wx",
    "__Host-wx; Path=/",
    "=__Host-wx=x; Path=/",
    " = __Host-wx=x",
    "==__Host-wx=x",
  ])("the line %j would set one of them", (line) => {
    expect(setsOwnCookie("https", line)).toBe(true);
    expect(setsOwnCookie("http", line)).toBe(true);
  });

  it.each(["wx=x", "wx_out=x; Path=/", "wx_a_1=x", "=wx=x", "WX=x"])(
    "%j would set one of them on http alone",
    (line) => {
      expect(setsOwnCookie("http", line)).toBe(true);
      expect(setsOwnCookie("https", line)).toBe(false);
    },
  );

  it.each([
    "PHPSESSID=x",
    "a=__Host-wx=x",
    "a=1; __Host-wx=2",
    "__Host-wxy=1",
    "__Host-session=1",
    "wxuser=1",
    "wx_other=1",
    "",
    ";__Host-wx=1",
  ])("the line %j is the site's own", (line) => {
    expect(setsOwnCookie("https", line)).toBe(false);
    expect(setsOwnCookie("http", line)).toBe(false);
  });

  it("look like ours wherever they are ours", () => {
    fc.assert(
      fc.property(fc.oneof(ownNames, token), fc.constantFrom("https" as const, "http" as const), (name, scheme) => {
        if (isOwnCookie(scheme, name)) expect(looksLikeOwnCookie(scheme, name)).toBe(true);
      }),
      { numRuns: RUNS },
    );
  });
});

describe("a Set-Cookie line of ours", () => {
  it("is bound to host, path and https as the prefix demands", () => {
    expect(setCookie("https", "__Host-wx", "v", 60.9)).toBe(
      "__Host-wx=v; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure",
    );
    expect(setCookie("http", "wx", "v", 60)).toBe("wx=v; Path=/; Max-Age=60; HttpOnly; SameSite=Lax");
    expect(clearCookie("https", "__Host-wx")).toBe("__Host-wx=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure");
  });

  it("expires an origin's cookie under every domain it may have been set with", () => {
    const lines = expireOriginCookie("https", "a.shop.example.com:8443", "PHPSESSID");
    expect(lines.map((line) => /Domain=(.*)$/.exec(line)?.[1] ?? null)).toEqual([
      null,
      "a.shop.example.com",
      "shop.example.com",
      "example.com",
    ]);
    for (const line of lines) expect(line).toMatch(/^PHPSESSID=; Path=\/; Expires=.* 1970 .*; Max-Age=0; Secure/);
    expect(expireOriginCookie("http", "127.0.0.1:8787", "s")).toHaveLength(1);
    expect(expireOriginCookie("http", "[::1]:8787", "s")).toHaveLength(1);
    expect(expireOriginCookie("http", "localhost", "s")).toHaveLength(1);
  });

  it("expires it under the Path that it is named with", () => {
    const gone = "JSESSIONID=; Path=/shop; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Secure";
    expect(expireOriginCookie("https", "example.com", "JSESSIONID; Path=/shop")).toEqual([
      gone,
      `${gone}; Domain=example.com`,
    ]);
  });
});
