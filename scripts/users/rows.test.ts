import { Readable } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ExportRow } from "../../src/storage/export.ts";
import { checkRow } from "../../src/storage/import-row.ts";
import { clock, progressLine } from "./progress.ts";
import { csvRows, decode, type InputRow, ndjsonRows } from "./read-rows.ts";
import { formatRows, header } from "./write-rows.ts";

/** From a file's text to rows and back, however the text is cut into chunks. */

async function read(rows: AsyncGenerator<InputRow>): Promise<InputRow[]> {
  return Array.fromAsync(rows);
}
const decoded = (chunks: Iterable<Uint8Array>) => decode(Readable.from(chunks), () => undefined);
const bytes = (chunks: readonly string[]) => chunks.map((chunk) => Buffer.from(chunk));
const csv = (...chunks: string[]) => read(csvRows(decoded(bytes(chunks))));
const ndjson = (...chunks: string[]) => read(ndjsonRows(decoded(bytes(chunks))));

const text = fc.string({ unit: "grapheme", maxLength: 12 });
const nasty = fc.string({ unit: fc.constantFrom('"', ",", "\r", "\n", " ", "=", "\u2028", "\ufeff", "名", "a") });
const anyRow = fc.record({
  openid: fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/),
  appid: fc.constantFrom("wx0123456789abcdef", "wxfedcba9876543210"),
  unionid: fc.option(fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/)),
  site_user: fc.option(fc.stringMatching(/^[0-9.@+:-]{1,20}$/)),
  nickname: fc.option(fc.oneof(text, nasty)),
});

/** As an export writes it: what was not given is not there. */
const withoutEmpty = (row: ExportRow) => ({ ...row, nickname: row.nickname === "" ? null : row.nickname });

/** Also within a character. */
function cut(whole: Uint8Array, at: readonly number[]): Uint8Array[] {
  const places = [...new Set(at.map((place) => place % (whole.length + 1)))].sort((a, b) => a - b);
  return [...places, whole.length].map((end, index) => whole.slice(index === 0 ? 0 : places[index - 1], end));
}

describe("a file", () => {
  it.each(["csv", "ndjson"] as const)("of %s reads back as what was written, wherever it is cut", async (format) => {
    const property = fc.asyncProperty(fc.array(anyRow, { maxLength: 8 }), fc.array(fc.nat(400)), async (rows, at) => {
      const chunks = cut(Buffer.from(header(format) + formatRows(rows, format)), at);
      const found = await read((format === "csv" ? csvRows : ndjsonRows)(decoded(chunks)));
      const given = found.map((one) => ("values" in one ? (one.values as ExportRow) : null));
      const blank = (value: unknown) => (value === "" ? null : value);
      const normal = given.map((row) => Object.fromEntries(Object.entries(row ?? {}).map(([k, v]) => [k, blank(v)])));
      expect(normal).toEqual(rows.map(withoutEmpty));
    });
    await fc.assert(property, { numRuns: 300 });
  });

  it("never makes anything but rows and problems of what may stand in it", async () => {
    const context = { appId: "wx0123456789abcdef", withheldAppIds: new Set<string>(), storeProfile: true };
    const property = fc.asyncProperty(fc.array(fc.oneof(text, nasty)), async (chunks) => {
      for (const open of [csvRows, ndjsonRows]) {
        for (const one of await read(open(decoded(bytes(["openid,nickname\n", ...chunks]))))) {
          if (!("values" in one)) expect(one.problem).toMatch(/./);
          else expect(checkRow(one.values, context)).toBeDefined();
        }
      }
    });
    await fc.assert(property, { numRuns: 500 });
  });
});

describe("CSV", () => {
  it("takes columns in any order, a byte order mark, CRLF, quotes and line breaks within them; counts lines", async () => {
    const rows = await csv('nickname,openid\r\n"a ""b"",\r\nc",o1\r\n\r\n,o2\r\n"x\ny\nz",o3\r\nlast,o4');
    expect(rows).toEqual([
      { line: 2, values: { nickname: 'a "b",\r\nc', openid: "o1" } },
      { line: 5, values: { nickname: "", openid: "o2" } },
      { line: 6, values: { nickname: "x\ny\nz", openid: "o3" } },
      { line: 9, values: { nickname: "last", openid: "o4" } },
    ]);
  });

  it("refuses a row with too many or too few values, and goes on", async () => {
    expect(await csv("openid,unionid\no1\no2,u2,x\no3,u3\n")).toEqual([
      { line: 2, problem: "the row has 1 value, the header 2" },
      { line: 3, problem: "the row has 3 values, the header 2" },
      { line: 4, values: { openid: "o3", unionid: "u3" } },
    ]);
  });

  it.each([
    ["openid,phone,e-mail\n", 'line 1: unknown columns "phone", "e-mail"; there are openid, appid'],
    ["openid;unionid\n", 'unknown column "openid;unionid"'],
    ["openid,openid\n", "the column openid is there twice"],
    ["unionid\n", "there is no column openid"],
    ["", "the file is empty"],
  ])("says what is wrong with %j", async (file, message) => {
    await expect(csv(file)).rejects.toThrow(message);
  });
});

describe("a quote", () => {
  it("in the wrong place refuses the row, and says how far it went", async () => {
    expect(await csv('openid\no1\no "2"\n"o3"x\no4\no"5\no6\no"7\no8\n"o9')).toEqual([
      { line: 2, values: { openid: "o1" } },
      { line: 3, problem: "a quote stands where none may" },
      { line: 4, problem: "a quote stands where none may" },
      { line: 5, values: { openid: "o4" } },
      { line: 6, problem: "a quote stands where none may, so that the row goes on to line 8" },
      { line: 9, values: { openid: "o8" } },
      { line: 10, problem: "a quote stands where none may" },
    ]);
  });

  it("that is never closed does not take the file into memory", async () => {
    const file = csv('openid\n"', "x\n".repeat(30_000), "x\n".repeat(30_000));
    await expect(file).rejects.toThrow("line 2: the row does not end within 100000 characters");
  });
});

it("refuses a file that is not UTF-8", async () => {
  const gbk = Buffer.from([0x6f, 0x70, 0x65, 0x6e, 0x69, 0x64, 0x0a, 0xd5, 0xc5]);
  await expect(read(csvRows(decoded([gbk])))).rejects.toThrow("the file is not UTF-8");
});

describe("NDJSON", () => {
  it("takes one object a line, and refuses a line that is none", async () => {
    expect(await ndjson('{"openid":"o1","nickname":"a\u2028b"}\r\n\n{"openid":\n{"ope', 'nid":"o4"}')).toEqual([
      { line: 1, values: { openid: "o1", nickname: "a\u2028b" } },
      { line: 3, problem: "the line is not JSON" },
      { line: 4, values: { openid: "o4" } },
    ]);
  });

  it("does not take an endless line into memory", async () => {
    await expect(ndjson("{", "x".repeat(60_000), "x".repeat(60_000))).rejects.toThrow("line 1: longer than 100000");
  });
});

describe("the progress", () => {
  it("shows a rate, and the time left where the whole is known", () => {
    expect(progressLine({ rows: 50_000, refused: 3, part: 0.25 }, 10, false)).toBe(
      " 25 %  50,000 rows  5,000/s  3 refused  0:30 left",
    );
    expect(progressLine({ rows: 10, refused: 0, part: 0.5 }, 1, true)).toMatch(/^\[#{12} {12}\] /);
    expect(progressLine({ rows: 10, refused: 0, part: null }, 2, true)).toBe("10 rows  5/s");
    expect(clock(3_661)).toBe("61:01");
  });
});
