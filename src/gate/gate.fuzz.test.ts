import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RUNS } from "../../test/support/fuzz.ts";
import { BACKSLASHES, BROKEN_BYTES, DISGUISED_OWN_PATHS, DOT_SEGMENTS, SLASHES } from "../../test/support/hostile.ts";
import { utf8Bytes } from "../encoding.ts";
import { canonicalHost, cutQuery, parseTarget } from "./host.ts";
import { accessOf, compileRules } from "./match.ts";
import { judgePath } from "./path.ts";
import { safeReturnPath } from "./return-path.ts";

/** Pieces that paths of attackers are made of, glued in any order and number. */
const piece = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom("/", "/", "/", "//", "a", "admin", "public", "x.css", "_wx", "me", "?", ";", "%", "."),
  },
  { weight: 4, arbitrary: fc.constantFrom(...DOT_SEGMENTS, ...SLASHES, ...BACKSLASHES, ...BROKEN_BYTES) },
  { weight: 2, arbitrary: fc.constantFrom(...DISGUISED_OWN_PATHS) },
  { weight: 2, arbitrary: fc.nat(255).map((byte) => `%${byte.toString(16).padStart(2, "0")}`) },
  { weight: 1, arbitrary: fc.nat(255).map((byte) => `%25${byte.toString(16).padStart(2, "0")}`) },
  { weight: 2, arbitrary: fc.string({ unit: "grapheme", maxLength: 4 }) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 3 }) },
);
const crooked = fc.array(piece, { maxLength: 10 }).map((pieces) => pieces.join(""));
const crookedPath = crooked.map((text) => `/${text}`);

/** What servers make of a path, one careless step after another. */
function* carelessReadings(path: string): Generator<string> {
  let text = path;
  for (let round = 0; round < 8; round++) {
    for (const form of [text, text.normalize("NFKC"), text.replace(/[?#].*/s, ""), text.replace(/[?].*/s, "")]) {
      yield form;
      yield form.replace(/;[^/]*/g, "");
      yield form.replace(/\/+/g, "/");
      yield form.replace(/;[^/]*/g, "").replace(/\/+/g, "/");
    }
    try {
      const next = decodeURIComponent(text);
      if (next === text) return;
      text = next;
    } catch {
      return;
    }
  }
}

describe("the canonical path, whatever is sent", () => {
  it("is forwarded exactly as judged: no URL parser changes it, and judging it again changes nothing", () => {
    fc.assert(
      fc.property(crookedPath, (raw) => {
        const judged = judgePath(raw);
        if (judged.kind === "refused") return;
        const { path } = judged;
        expect(new URL(`https://shop.example.com${path}`).pathname).toBe(path);
        expect(new Request(`https://shop.example.com${path}?q`).url).toBe(`https://shop.example.com${path}?q`);
        expect(judgePath(path)).toEqual(judged);
        expect(path).toMatch(/^\/[\x21-\x7e]*$/);
        expect(path).not.toMatch(/[?#\\]/);
      }),
      { numRuns: RUNS },
    );
  });

  it("leads no careless server up a directory, past a backslash, to a control byte or to /_wx/", () => {
    fc.assert(
      fc.property(crookedPath, (raw) => {
        const judged = judgePath(raw);
        if (judged.kind === "refused") return;
        for (const reading of carelessReadings(judged.path)) {
          expect(reading).not.toMatch(/(?:^|\/)\s*\.\.?\s*(?:\/|;|$)/);
          // biome-ignore lint/suspicious/noControlCharactersInRegex: control bytes are what must not be there
          expect(reading).not.toMatch(/[\\\u0000-\u001f\u007f]/);
          if (judged.kind !== "own") expect(reading.toLowerCase()).not.toMatch(/^\/\s*_wx\s*(?:\/|;|$)/);
        }
        if (judged.kind === "own") expect(judged.path).toBe(raw);
      }),
      { numRuns: RUNS },
    );
  });

  it("that is plain has one reading: decoding it again, folding slashes or cutting parameters changes nothing", () => {
    fc.assert(
      fc.property(crookedPath, (raw) => {
        const judged = judgePath(raw);
        if (judged.kind !== "plain") return;
        const decoded = decodeURIComponent(judged.path);
        expect(decoded).not.toMatch(/;|\/\/|%[0-9a-f]{2}/i);
        expect(decoded.split("/")).toHaveLength(judged.path.split("/").length);
      }),
      { numRuns: RUNS },
    );
  });

  it("is the same for every encoding of the same characters", () => {
    const segment = fc.stringMatching(/^[A-Za-z0-9_~-]{1,8}$/);
    const encoded = (text: string, mask: boolean[]) =>
      [...text]
        .map((character, index) => (mask[index % mask.length] ? `%${character.charCodeAt(0).toString(16)}` : character))
        .join("");
    fc.assert(
      fc.property(
        fc.array(segment, { minLength: 1, maxLength: 4 }),
        fc.array(fc.boolean(), { minLength: 1 }),
        (segments, mask) => {
          fc.pre(segments[0]?.toLowerCase() !== "_wx");
          const path = `/${segments.join("/")}`;
          expect(judgePath(`/${segments.map((text) => encoded(text, mask)).join("/")}`)).toEqual({
            kind: "plain",
            path,
          });
        },
      ),
      { numRuns: RUNS },
    );
  });
});

describe("a protecting rule, whatever is sent", () => {
  const compiled = compileRules({ rules: [{ path: "/admin@x/**", access: "deny", methods: null }], access: "open" });

  it("holds for every path that a careless origin reads as the protected one", () => {
    fc.assert(
      fc.property(crooked, fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }), (tail, mask) => {
        const name = [..."aDmIn@X"].map((letter, index) =>
          mask[index] ? `%${letter.charCodeAt(0).toString(16)}` : mask[index + 1] ? letter.toLowerCase() : letter,
        );
        const judged = judgePath(`/${name.join("")}/${tail.replace(/[?#]/g, "")}`);
        if (judged.kind === "refused") return;
        expect(accessOf(compiled, judged.path, "GET", judged.kind === "odd")).toBe("deny");
      }),
      { numRuns: RUNS },
    );
  });

  it("is total: every judged path has a level, and reading readings of a plain path gives no other", () => {
    fc.assert(
      fc.property(crookedPath, (raw) => {
        const judged = judgePath(raw);
        if (judged.kind !== "plain" && judged.kind !== "odd") return;
        const level = accessOf(compiled, judged.path, "GET", judged.kind === "odd");
        const isProtected = [...carelessReadings(judged.path)].some((reading) => /^\/admin@x(?:\/|$)/i.test(reading));
        if (isProtected) expect(level).toBe("deny");
      }),
      { numRuns: RUNS },
    );
  });
});

describe("a return path, whatever is given", () => {
  const input = fc.oneof(
    crooked,
    crookedPath,
    fc.string({ unit: "binary" }),
    fc.webUrl(),
    fc.string({ unit: "grapheme", minLength: 900, maxLength: 1_200 }).map((text) => `/${text}`),
  );

  it("is a path on this host that is not ours, and the same when made safe again", () => {
    fc.assert(
      fc.property(input, (given) => {
        const path = safeReturnPath(given);
        expect(path).toMatch(/^\/(?!\/)/);
        expect(path).not.toMatch(/[^\x21-\x7e]|#/);
        expect(path.split("?", 1)[0]).not.toContain("\\");
        expect(utf8Bytes(path).length).toBeLessThanOrEqual(1_024);
        expect(safeReturnPath(path)).toBe(path);
        for (const base of [
          "https://shop.example.com",
          "https://shop.example.com/_wx/callback?x",
          "http://localhost:8787/a/b",
        ]) {
          const url = new URL(`${path}#`, base);
          expect(url.origin).toBe(new URL(base).origin);
          expect(url.pathname.toLowerCase()).not.toMatch(/^\/+_wx(?:\/|$)/);
          const cut = path.indexOf("?");
          expect(["plain", "odd"]).toContain(judgePath(cut < 0 ? path : path.slice(0, cut)).kind);
        }
        const headers = new Headers({ Location: path });
        expect(headers.get("location")).toBe(path);
      }),
      { numRuns: RUNS },
    );
  });

  it("that is good already is kept byte for byte", () => {
    const good = fc
      .tuple(fc.stringMatching(/^[A-Za-z0-9~-][\w~.-]{0,9}$/), fc.stringMatching(/^[\w.~!$&'()*+,;=:@/?%-]{0,20}$/))
      .map(([segment, query]) => `/${segment}?${query}`);
    fc.assert(
      fc.property(good, (path) => {
        expect(safeReturnPath(path)).toBe(path);
      }),
      { numRuns: RUNS },
    );
  });
});

describe("the host, whatever is sent", () => {
  it("is one spelling of what URL parsers read, or none", () => {
    const label = fc.oneof(
      fc.stringMatching(/^[A-Za-z0-9-]{1,8}$/),
      fc.constantFrom("shop", "EXAMPLE", "xn--fsqu00a", "", "a%2e", "u@h", "[::1]", "。", ":"),
    );
    const authority = fc
      .tuple(
        fc.array(label, { maxLength: 4 }),
        fc.constantFrom("", ".", "..", ":443", ":80", ":8443", ":0443", ":", ":x", ".:443"),
      )
      .map(([labels, end]) => labels.join(".") + end);
    fc.assert(
      fc.property(
        fc.oneof(authority, fc.string({ unit: "binary" })),
        fc.constantFrom("https" as const, "http" as const),
        (given, scheme) => {
          const host = canonicalHost(given, scheme);
          if (host === null) return;
          expect(host).toMatch(/^(?:[a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::\d+)?$/);
          expect(host).not.toMatch(/\.(?::|$)/);
          expect(canonicalHost(host, scheme)).toBe(host);
          expect(canonicalHost(given.toUpperCase(), scheme)).toBe(host);
          const target = parseTarget(`${scheme}://${given}/x`);
          expect(target?.host).toBe(host);
          expect(target?.rawPath).toBe("/x");
        },
      ),
      { numRuns: RUNS },
    );
  });

  it("never throws on a URL, and loses none of its path", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary" }),
          fc.webUrl(),
          crookedPath.map((path) => `https://h${path}`),
        ),
        (url) => {
          const { base, search } = cutQuery(url);
          expect(base + search).toBe(url);
          const target = parseTarget(base);
          if (target !== null && target.rawPath !== "/") expect(base.endsWith(target.rawPath)).toBe(true);
        },
      ),
      { numRuns: RUNS },
    );
  });
});
