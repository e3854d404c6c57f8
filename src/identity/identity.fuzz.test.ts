import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RUNS } from "../../test/support/fuzz.ts";
import type { HeaderTemplate } from "../config/config.ts";
import { utf8Bytes } from "../encoding.ts";
import { cleanAvatar, cleanNickname } from "./clean.ts";
import { encodeNickname } from "./encode-nickname.ts";
import { compileHeaders, identityHeaders, setRequestFacts, setSecrets, withoutForgeries } from "./headers.ts";
import type { Identity } from "./identity.ts";
import { OutgoingHeaders } from "./outgoing-headers.ts";
import { composeHeaders } from "./signed-in-headers.ts";

const TEMPLATES: HeaderTemplate[] = [
  { name: "Remote-User", value: { parts: [{ words: ["site_user", "user"] }] } },
  { name: "X-WEBAUTH-EMAIL", value: { parts: [{ words: ["openid"] }, { text: "@wechat.invalid" }] } },
  { name: "X-Nick", value: { parts: [{ words: ["nickname"] }] } },
  { name: "X-Origin-Key", value: { secret: "lock" } },
];
const compiled = compileHeaders({ headers: TEMPLATES });

const nobodyKnown: Identity = {
  sid: "a".repeat(26),
  user: `wxu_${"a".repeat(26)}`,
  openid: "oOPENID",
  unionid: null,
  siteUser: null,
  nickname: null,
  avatar: null,
  level: "login",
  amr: "silent",
};

/** A name in some spelling: any case of each letter, any of the marks that servers fold for each `-`. */
const spelled = (name: string) =>
  fc.array(fc.nat(5), { minLength: name.length, maxLength: name.length }).map((dice) =>
    [...name]
      .map((character, index) => {
        const die = dice[index] ?? 0;
        if (character === "-") return "-_.~!^"[die] ?? "-";
        return die % 2 === 0 ? character.toLowerCase() : character.toUpperCase();
      })
      .join(""),
  );

const FORBIDDEN = [
  ...identityHeaders(nobodyKnown, "wx0").map(([name]) => name),
  "X-WX-ASSERTION",
  "X-WX-ANYTHING-LATER",
  "X-WX-",
  ...TEMPLATES.map(({ name }) => name),
  "X-Request-Id",
  "X-Forwarded-For",
  "X-Forwarded-Proto",
  "X-Forwarded-Host",
  "X-Forwarded-Prefix",
  "X-Forwarded-Uri",
  "Forwarded",
  "X-Real-IP",
  "Proxy-Client-IP",
  "WL-Proxy-Client-IP",
  "X-Original-URL",
  "X-Rewrite-URL",
  "X-Override-URL",
  "X-HTTP-Method-Override",
  "X-HTTP-Method",
  "X-Method-Override",
  "X-Middleware-Subrequest",
  "X-Invoke-Path",
  "X-Matched-Path",
  "X-Accel-Redirect",
];

const namesOf = (headers: OutgoingHeaders) => [...new Headers(headers.toInit()).keys()];

describe("the removals", () => {
  it("leave no spelling of a header that the origin could take for ours", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...FORBIDDEN).chain(spelled),
        fc.constantFrom("forged", "", "a, b"),
        (name, value) => {
          const incoming = new Headers({ accept: "text/html", [name]: value });
          incoming.append(name, "twice");
          const cleaned = withoutForgeries(incoming, compileHeaders({ headers: TEMPLATES }));
          expect(namesOf(cleaned)).toEqual(["accept"]);
        },
      ),
      { numRuns: RUNS },
    );
  });

  it.each([
    "accept",
    "authorization",
    "content-type",
    "if-none-match",
    "range",
    "referer",
    "user-agent",
    "x-requested-with",
    "x-csrf-token",
    "x-wxyz",
    "xwx-openid",
    "x-api-key",
    "cf-connecting-ip",
    "cf-ray",
    "remote-users",
    "x-forwards",
    "sec-websocket-key",
    "transfer-encoding",
    "content-length",
    "content_id",
    "user_id",
    "access_token",
  ])("leave %s as it is", (name) => {
    expect(namesOf(withoutForgeries(new Headers({ [name]: "x" }), compiled))).toEqual([name]);
  });

  it.each([
    "CF_Connecting_IP",
    "cf.connecting.ip",
    "CF-Connecting_IP",
    "cf_ipcountry",
    "Transfer_Encoding",
    "transfer.encoding",
    "Content_Length",
    "Content!Length",
    "content_type",
    "Content_Encoding",
    "content_range",
    "User_Agent",
    "Sec_Fetch_Mode",
    "X_Requested-With",
  ])("take %s, which an origin may fold to what frames the request or was judged", (name) => {
    expect(namesOf(withoutForgeries(new Headers({ [name]: "192.0.2.1" }), compiled))).toEqual([]);
  });

  it("take nothing for what Connection lists, and pass on no upgrade but WebSocket's", () => {
    const incoming = new Headers({
      connection: "close, accept, X-WX-OPENID, cookie",
      accept: "a",
      cookie: "b=c",
      upgrade: "h2c",
    });
    expect(namesOf(withoutForgeries(incoming, compiled))).toEqual(["accept", "cookie"]);
    expect(namesOf(withoutForgeries(new Headers({ upgrade: "WebSocket" }), compiled))).toEqual(["upgrade"]);
  });

  it("remember their judgement of short names only: visitors choose them", () => {
    const fresh = compileHeaders({ headers: TEMPLATES });
    withoutForgeries(new Headers({ [`x-${"a".repeat(63)}`]: "1" }), fresh);
    expect(fresh.judged.size).toBe(0);
    withoutForgeries(new Headers({ [`x-${"a".repeat(62)}`]: "1" }), fresh);
    expect(fresh.judged.size).toBe(1);
  });

  it("judge rightly however many names were judged before", () => {
    const small = compileHeaders({ headers: TEMPLATES });
    for (let index = 0; index < 1_200; index++) withoutForgeries(new Headers({ [`x-${index}`]: "1" }), small);
    const incoming = new Headers({ x_wx_openid: "1", "remote.user": "1", "x-1": "1" });
    expect(namesOf(withoutForgeries(incoming, small))).toEqual(["x-1"]);
  });
});

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 400 }),
  fc.string({ unit: "grapheme", maxLength: 400 }),
  fc
    .array(
      fc.constantFrom(
        "👨‍👩‍👧‍👦",
        "🇨🇳",
        "中",
        "\ud83d",
        "\udc00",
        "\r\n",
        "\u0000",
        "\u202e",
        "e\u0301",
        "a\u0300\u0301\u0302".repeat(20),
        " ",
        "%0d%0a",
        "\ue101",
      ),
      { maxLength: 200 },
    )
    .map((parts) => parts.join("")),
);

describe("a nickname", () => {
  it("becomes one ASCII header that decodes to a clean beginning of it, or none", () => {
    fc.assert(
      fc.property(anyText, (nickname) => {
        const cleaned = cleanNickname(nickname);
        if (cleaned === null) return;
        expect(cleaned.isWellFormed()).toBe(true);
        expect(utf8Bytes(cleaned).length).toBeLessThanOrEqual(256);
        expect(cleaned).not.toMatch(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u);
        const encoded = encodeNickname(cleaned);
        expect(encoded).toMatch(/^(?:[\w.~-]|%[0-9A-F]{2})+$/);
        expect(decodeURIComponent(encoded)).toBe(cleaned);
        expect(cleanNickname(cleaned)).toBe(cleaned);
      }),
      { numRuns: RUNS },
    );
  });

  it.each([
    ["小明", "小明"],
    ["a\r\nX-WX-OPENID: b", "aX-WX-OPENID: b"],
    ["\u0000", null],
    ["", null],
    [null, null],
    ["a\ud83d", "a"],
    ["a\u0378\ufdd0b", "ab"],
    ["中".repeat(1_400), "中".repeat(85)],
    ["👨‍👩‍👧‍👦".repeat(50), "👨‍👩‍👧‍👦".repeat(10)],
    [`${"a".repeat(255)}é`, "a".repeat(255)],
  ])("%j is kept as %j", (nickname, kept) => {
    expect(cleanNickname(nickname)).toBe(kept);
  });

  it("of 100,000 characters costs no more than a short one's work", () => {
    // No clock: work that grows with the square of this length would not end within the test's time limit.
    for (const unit of ["a", "\u0301", "👨‍", " ", "\u200d", "🇨"]) {
      expect(utf8Bytes(cleanNickname(`x${unit.repeat(500_000)}`) ?? "").length).toBeLessThanOrEqual(256);
    }
  });
});

describe("an avatar", () => {
  it("is an https URL of ASCII with at most 512 bytes, or none", () => {
    const start = fc.constantFrom("https://", "http://", "HTTPS://", "//", "javascript:", "https:/", "https://a@", "");
    fc.assert(
      fc.property(
        fc.oneof(
          anyText,
          fc.webUrl(),
          fc.tuple(start, fc.string()).map((parts) => parts.join("thirdwx.qlogo.cn/")),
        ),
        (avatar) => {
          const cleaned = cleanAvatar(avatar);
          if (cleaned === null) return;
          expect(cleaned).toMatch(/^https:\/\/[\x21-\x7e]{3,504}$/);
          const url = new URL(cleaned);
          expect([url.protocol, url.username, url.password]).toEqual(["https:", "", ""]);
        },
      ),
      { numRuns: RUNS },
    );
    for (const scheme of ["http", "HTTP"]) {
      expect(cleanAvatar(`${scheme}://thirdwx.qlogo.cn/a/132`)).toBe("https://thirdwx.qlogo.cn/a/132");
    }
    expect(cleanAvatar(`https://a/${"b".repeat(503)}`)).toBeNull();
  });
});

describe("the headers that are set", () => {
  it("are those that are known: what is unknown is absent, with the site's own headers made of it", () => {
    const headers = new OutgoingHeaders(new Headers(), () => true);
    for (const [name, value] of composeHeaders(nobodyKnown, "wx0", compiled, "jwt")) headers.set(name, value);
    setSecrets(headers, compiled);
    setRequestFacts(headers, { scheme: "https", host: "h", requestId: "r", clientAddress: null });
    expect({ ...headers.toInit() }).toEqual({
      "remote-user": nobodyKnown.user,
      "x-forwarded-host": "h",
      "x-forwarded-proto": "https",
      "x-origin-key": "lock",
      "x-request-id": "r",
      "x-webauth-email": "oOPENID@wechat.invalid",
      "x-wx-appid": "wx0",
      "x-wx-assertion": "jwt",
      "x-wx-level": "login",
      "x-wx-openid": "oOPENID",
      "x-wx-source": "wxgate",
      "x-wx-user": nobodyKnown.user,
    });
  });

  it("never fail over a nickname or an avatar, and no value holds more than one line", () => {
    fc.assert(
      fc.property(anyText, anyText, (nickname, avatar) => {
        const headers = new Headers();
        const identity = { ...nobodyKnown, nickname: cleanNickname(nickname), avatar: cleanAvatar(avatar) };
        for (const [name, value] of composeHeaders(identity, "wx0", compiled, "jwt")) headers.set(name, value);
        for (const [, value] of headers) expect(value).toMatch(/^[\x20-\x7e]*$/);
        expect(headers.has("x-nick")).toBe(identity.nickname !== null);
        expect(headers.has("x-wx-nickname")).toBe(identity.nickname !== null);
      }),
      { numRuns: RUNS },
    );
  });
});
