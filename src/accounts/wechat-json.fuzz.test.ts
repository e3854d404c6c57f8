import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RUNS } from "../../test/support/fuzz.ts";
import { utf8Bytes } from "../encoding.ts";
import { readBounded as readWithin } from "../read-bounded.ts";
import { ANSWER_MAX_BYTES, idField, parseWechatJson, refusalIn, stringField } from "./wechat-json.ts";

const readBounded = (response: Response) => readWithin(response, ANSWER_MAX_BYTES);

const answerLike = fc.record(
  {
    openid: fc.oneof(fc.stringMatching(/^o[A-Za-z0-9_-]{27}$/), fc.string({ unit: "binary" }), fc.jsonValue()),
    access_token: fc.oneof(fc.string(), fc.jsonValue()),
    nickname: fc.string({ unit: "binary" }),
    errcode: fc.oneof(fc.integer(), fc.double(), fc.string(), fc.jsonValue()),
    errmsg: fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("invalid code, rid: 65a-b_c", "rid: ")),
    __proto__: fc.jsonValue(),
  },
  { requiredKeys: [] },
);

/** JSON as WeChat mangles it: cut, with raw control bytes and broken UTF-8 in it. */
const mangled = fc
  .tuple(answerLike, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }), fc.option(fc.nat(300)))
  .map(([json, changes, cut]) => {
    const bytes = utf8Bytes(JSON.stringify(json));
    for (const [position, byte] of changes) if (bytes.length > 0) bytes[position % bytes.length] = byte;
    return cut === null ? bytes : bytes.slice(0, cut);
  });

describe("WeChat's answer, whatever it is made of", () => {
  it("is an object or nothing, and reading it never throws", () => {
    fc.assert(
      fc.property(fc.oneof(mangled, fc.uint8Array({ maxLength: 400 }), fc.json().map(utf8Bytes)), (bytes) => {
        const json = parseWechatJson(bytes);
        if (json === null) return;
        expect(Object.prototype.toString.call(json)).toBe("[object Object]");
        const refusal = refusalIn(json);
        if (refusal !== null && "errcode" in refusal) {
          expect(Number.isSafeInteger(refusal.errcode)).toBe(true);
          if (refusal.rid !== null) expect(refusal.rid).toMatch(/^[A-Za-z0-9_-]{4,64}$/);
        }
        for (const name of ["openid", "unionid", "__proto__", "constructor", "toString"]) {
          const id = idField(json, name);
          if (id !== null) expect(id).toMatch(/^[A-Za-z0-9_-]{1,128}$/);
          const text = stringField(json, name, 10);
          if (text !== null) expect(text.length).toBeLessThanOrEqual(10);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it("keeps the identity beside a nickname of any bytes, the quote and the backslash apart", () => {
    const nickname = fc
      .uint8Array({ maxLength: 60 })
      .map((bytes) => bytes.filter((byte) => byte !== 0x22 && byte !== 0x5c));
    fc.assert(
      fc.property(nickname, (raw) => {
        const json = parseWechatJson(
          Uint8Array.of(...utf8Bytes('{"openid":"oABC","nickname":"'), ...raw, ...utf8Bytes('","sex":0}')),
        );
        expect(json?.openid).toBe("oABC");
        expect(typeof json?.nickname).toBe("string");
      }),
      { numRuns: RUNS },
    );
  });

  it.each([
    "",
    "null",
    "[]",
    "1",
    '"x"',
    "true",
    "<html>",
    "{",
    "{}}",
    '{"a":',
    "undefined",
    "\ufeff",
    '{"openid":"a"',
    "callback({})",
  ])("%j is no answer", (text) => {
    expect(parseWechatJson(utf8Bytes(text))).toBeNull();
  });

  it("that is longer than any answer of WeChat's is not read", async () => {
    const long = utf8Bytes(JSON.stringify({ nickname: "a".repeat(70_000) }));
    expect(parseWechatJson(long)).toBeNull();
    expect(await readBounded(new Response(long))).toBeNull();
    const short = await readBounded(new Response("{}"));
    expect(short && parseWechatJson(short)).toEqual({});
    expect(await readBounded(new Response(null))).toHaveLength(0);
    let pulled = 0;
    const endless = new ReadableStream({
      pull: (controller) => {
        pulled++;
        controller.enqueue(new Uint8Array(16_384));
      },
    });
    expect(await readBounded(new Response(endless))).toBeNull();
    expect(pulled).toBeLessThan(10);
  });

  it.each([
    [{}, null],
    [{ errcode: 0 }, null],
    [{ errcode: "0" }, null],
    [
      { errcode: 40029, errmsg: "invalid code, rid: 1a2b-3c4d" },
      { kind: "spent", errcode: 40029, rid: "1a2b-3c4d" },
    ],
    [{ errcode: "40163" }, { kind: "used", errcode: 40163, rid: null }],
    [
      { errcode: -1, errmsg: 7 },
      { kind: "busy", errcode: -1, rid: null },
    ],
    [{ errcode: 45009 }, { kind: "limited", errcode: 45009, rid: null }],
    [{ errcode: 99999 }, { kind: "config", errcode: 99999, rid: null }],
    [{ errcode: null }, { kind: "rubbish" }],
    [{ errcode: 1.5 }, { kind: "rubbish" }],
    [{ errcode: "x" }, { kind: "rubbish" }],
    [{ errcode: {} }, { kind: "rubbish" }],
    [{ errcode: 1e300 }, { kind: "rubbish" }],
    [
      { errcode: 40001, errmsg: "rid: a\nb rid: <script>" },
      { kind: "config", errcode: 40001, rid: null },
    ],
  ])("%j is refused as %j", (json, refusal) => {
    expect(refusalIn(json)).toEqual(refusal === null ? null : { ok: false, ...refusal });
  });
});
