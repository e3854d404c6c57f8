import { describe, expect, it } from "vitest";
import { type Read, Wrong } from "../complaint.ts";
import { readAppId } from "./app-id.ts";
import { readOriginCookie } from "./cookie-name.ts";
import { durationSeconds } from "./duration.ts";
import { readHeaderName } from "./header-name.ts";
import { readHost, readHostPattern, servesHost } from "./host.ts";
import { readOrigin } from "./origin.ts";
import { readPathPattern } from "./path-pattern.ts";
import { readTemplate } from "./template.ts";
import { readVerifyFile } from "./verify.ts";

const outcome = <T>(read: Read<T>) => (read instanceof Wrong ? read.issues[0]?.problem : read);
const isRefused = (read: Read<unknown>) => read instanceof Wrong;
const remedyOf = (read: Read<unknown>) => (read instanceof Wrong ? read.issues[0]?.remedy : "");

describe("host", () => {
  it.each([
    ["WWW.Example.COM.", "www.example.com"],
    ["www.example.com:443", "www.example.com"],
    ["www.example.com.:8443", "www.example.com:8443"],
    ["localhost:8787", "localhost:8787"],
    ["例子.example", "xn--fsqu00a.example"],
    ["[::1]:8787", "[::1]:8787"],
    ["*.Example.com", "*.example.com"],
  ])("%s is %s", (text, host) => {
    expect(outcome(readHostPattern(text))).toBe(host);
  });

  it.each([
    ...[
      "",
      "https://a.example",
      "a.example/x",
      "a.example?x",
      "u@a.example",
      "a b",
      "a%2e.example",
      "*",
      "a.*.example",
    ],
    ...[
      "*.*.example",
      "*.127.0.0.1",
      "a..example",
      "-a.example",
      ":80",
      "a:99999",
      ".",
      "*.",
      "w*.example.com",
      "a\\b",
    ],
  ])("%j is refused", (text) => {
    expect(isRefused(readHostPattern(text))).toBe(true);
  });

  it("of a callback has no wildcard", () => {
    expect(isRefused(readHost("*.example.com"))).toBe(true);
  });

  it("with a wildcard never serves its apex", () => {
    expect(servesHost("*.example.com", "example.com")).toBe(false);
    expect(servesHost("*.example.com", ".example.com")).toBe(false);
    expect(servesHost("*.example.com", "a.example.com")).toBe(true);
    expect(servesHost("*.example.com", "badexample.com")).toBe(false);
  });
});

describe("origin", () => {
  it.each([
    ...[
      "zome",
      "ZONE",
      "",
      "example.net",
      "ftp://a",
      "https://",
      "https:///a",
      "https://a/b",
      "https://a/?",
      "https://a#",
    ],
    ...["https://u:p@a", "https://*.a", "https://a\\b", "binding:", "binding:a b", "https://a b"],
  ])("%j is refused", (text) => {
    expect(isRefused(readOrigin(text))).toBe(true);
  });
});

describe("AppID", () => {
  it("is told how to be written", () => {
    expect(remedyOf(readAppId("WX0123456789ABCDEF"))).toContain('"wx0123456789abcdef"');
    expect(remedyOf(readAppId(" wx0123456789abcdef"))).toContain('"wx0123456789abcdef"');
    expect(outcome(readAppId("gh_0123456789ab"))).toContain("原始ID");
    expect(isRefused(readAppId("wx0123456789abcdeg"))).toBe(true);
  });
});

describe("path pattern", () => {
  it.each(["/", "/*", "/**", "/a/*", "/a/**/b", "/a*/x.css", "/100%25", "/%E5%95%86", "/a/@b:c", "/~u", "/_wxyz"])(
    "%s is canonical",
    (pattern) => {
      expect(outcome(readPathPattern(pattern))).toBe(pattern);
    },
  );

  it.each([
    ["/商品/*", "/%E5%95%86%E5%93%81/*"],
    ["/%7euser", "/~user"],
    ["/%e5%95%86", "/%E5%95%86"],
    ["/a b", "/a%20b"],
    ["/a//b", "/a/b"],
    ["/%61", "/a"],
  ])("%s should be %s", (pattern, canonical) => {
    expect(remedyOf(readPathPattern(pattern))).toBe(`Write "${canonical}".`);
  });

  it.each([
    ...[
      "",
      "a",
      "*",
      "/a?b",
      "/a#b",
      "/a/../b",
      "/a/%2e%2E/b",
      "/./a",
      "/a\\b",
      "/%zz",
      "/%",
      "/%ff",
      "/a;b",
      "/a%2Fb",
    ],
    ...["/%5c", "/%00", "/%0a", "/%252e", "/a**", "/a/***", "/_wx", "/_wx/*", "/_WX/login", "/%5fwx/a", "/\ud800"],
  ])("%j is refused", (pattern) => {
    expect(isRefused(readPathPattern(pattern))).toBe(true);
  });
});

describe("a path pattern that would be a dead rule in its canonical spelling", () => {
  it.each([
    ["/admin/＊", "has a full-width ＊ or ／", "Write the ASCII one"],
    ["／admin/*", "has a full-width ＊ or ／", "Write the ASCII one"],
    ["/a/*，/b/*", "are several paths", "Write one rule for each"],
    ["/a/*,/b/*", "are several paths", "Write one rule for each"],
    ["/a/*, /b/*", "are several paths", "Write one rule for each"],
    ["/{a,b}/*", "are several paths", "Write one rule for each"],
  ])("%s is told what to write", (pattern, problem, remedy) => {
    const read = readPathPattern(pattern);
    expect(outcome(read)).toContain(problem);
    expect(remedyOf(read)).toContain(remedy);
  });

  it("may hold a comma, and full-width letters and brackets", () => {
    expect(outcome(readPathPattern("/map/30.1,120.2"))).toBe("/map/30.1,120.2");
    for (const sign of "？；，：")
      expect(outcome(readPathPattern(`/a${encodeURIComponent(sign)}b`))).toContain("%EF%BC%");
    expect(remedyOf(readPathPattern("/新（一）"))).toBe('Write "/%E6%96%B0%EF%BC%88%E4%B8%80%EF%BC%89".');
  });
});

describe("header name", () => {
  it.each(["Remote-User", "X-WEBAUTH-EMAIL", "X-Origin-Key", "x_user", "Client", "X-Contents", "Text"])(
    "%s is allowed",
    (name) => {
      expect(isRefused(readHeaderName(name))).toBe(false);
    },
  );

  it.each([
    ...[
      "Host",
      "cookie",
      "Set-Cookie",
      "Authorization",
      "Connection",
      "Content-Type",
      "content_length",
      "Upgrade",
      "TE",
    ],
    ...["Transfer.Encoding", "Trailer", "Keep-Alive", "Proxy-Authorization", "Sec-Fetch-Site", "CF-Connecting-IP"],
    ...[
      "X-WX-OPENID",
      "x_wx_user",
      "X.WX.Foo",
      "X-Request-Id",
      "x_request_id",
      "X-Forwarded-For",
      "Forwarded",
      "X-Real-IP",
    ],
    // What the gateway takes from visitors, lest an origin believe it, is no header of the site's either.
    ...["X-Original-URL", "X-HTTP-Method-Override", "True-Client-IP", "X-Middleware-Subrequest", "X-Accel-Redirect"],
    ...["", "a b", "a:b", "名"],
  ])("%j is refused", (name) => {
    expect(isRefused(readHeaderName(name))).toBe(true);
  });
});

describe("header template", () => {
  it("suggests the word that was meant", () => {
    expect(remedyOf(readTemplate("{open_id}"))).toContain('"openid"');
    expect(remedyOf(readTemplate("{site-user|user}"))).toContain('"site_user"');
    expect(remedyOf(readTemplate("{ user }"))).toContain('"user"');
  });

  it.each([
    ...["{user", "user}", "{{user}}", "{}", "{user|}", "{user||sid}", "{user}}", "", "  ", "名{user}", "a\nb"],
    ...["Bearer {secret:K}", "{secret:K}{user}", "{secret:K|user}", "{user|secret:K}", "{secret:}", "{secret:a b}"],
  ])("%j is refused", (template) => {
    expect(isRefused(readTemplate(template))).toBe(true);
  });

  it("may be plain text", () => {
    expect(outcome(readTemplate("shop"))).toEqual({ parts: [{ text: "shop" }] });
  });
});

describe("verification file", () => {
  it("is told how to be written", () => {
    expect(remedyOf(readVerifyFile("MP_verify_AbCdEf0123456789.txt"))).toContain('"AbCdEf0123456789"');
  });

  it.each([
    ...["AbCdEf012345678", "AbCdEf0123456789x", "a/b.txt=x", "../ab.txt=x", "abc.txt=x", "abcd.html=x", "abcd.txt="],
    ...["abcd.txt=a\nb", `abcd.txt=${"x".repeat(513)}`, `abcd.txt=${"名".repeat(171)}`, "=x", ""],
  ])("%j is refused", (entry) => {
    expect(isRefused(readVerifyFile(entry))).toBe(true);
  });

  it("may hold 512 bytes, an equals sign too", () => {
    expect(outcome(readVerifyFile(`abcd.txt=${"=".repeat(512)}`))).toMatchObject({ name: "abcd.txt" });
    expect(outcome(readVerifyFile("abcd-EF_1.txt=a=b"))).toEqual({ name: "abcd-EF_1.txt", body: "a=b" });
  });
});

describe("cookie of the origin", () => {
  it.each(["__Host-wx", "wx", "wx_out", "__Host-wx_out", "wx_a_12345678", "__host-WX", "a b", "", "a=b", "名"])(
    "%j is refused",
    (name) => {
      expect(isRefused(readOriginCookie(name))).toBe(true);
    },
  );

  it.each(["PHPSESSID", "wxid", "connect.sid", "wx_token"])("%s is allowed", (name) => {
    expect(isRefused(readOriginCookie(name))).toBe(false);
  });
});

describe("path of an origin's cookie", () => {
  it.each([
    ["JSESSIONID; Path=/shop", "JSESSIONID; Path=/shop"],
    ["JSESSIONID;path=/Shop/", "JSESSIONID; Path=/Shop/"],
    ["JSESSIONID;  PATH=/a=b%20c", "JSESSIONID; Path=/a=b%20c"],
    ["JSESSIONID; Path=/", "JSESSIONID"],
    [`s; Path=/${"a".repeat(255)}`, `s; Path=/${"a".repeat(255)}`],
  ])("%j is %j", (text, cookie) => {
    expect(outcome(readOriginCookie(text))).toBe(cookie);
  });

  it.each([
    ["JSESSIONID=1; Path=/shop", "is no cookie name"],
    ["JSESSIONID ; Path=/shop", "is no cookie name"],
    ["; Path=/shop", "is no cookie name"],
    ["__Host-wx; Path=/shop", "is one of wxgate's own cookies"],
    ["JSESSIONID;", "has more than a Path behind its name"],
    ["JSESSIONID; Domain=example.com", "has more than a Path behind its name"],
    ["JSESSIONID; HttpOnly; Path=/shop", "has more than a Path behind its name"],
    ["JSESSIONID; Path =/shop", "has more than a Path behind its name"],
    ["JSESSIONID;\nPath=/shop", "has more than a Path behind its name"],
    ["JSESSIONID; Path=", "has more than a Path behind its name"],
    ["JSESSIONID; Path= /shop", "has more than a Path behind its name"],
    ["JSESSIONID; Path=shop", "has more than a Path behind its name"],
    ['JSESSIONID; Path="/shop"', "has more than a Path behind its name"],
    ["JSESSIONID; Path=/shop; HttpOnly", "has more than a Path behind its name"],
    ["JSESSIONID; Path=/shop,x", "has more than a Path behind its name"],
    ["JSESSIONID; Path=/shop ", "has more than a Path behind its name"],
    ["JSESSIONID; Path=/shop\r\nX: y", "has more than a Path behind its name"],
    ["JSESSIONID; Path=/a\u0000", "has more than a Path behind its name"],
    ["JSESSIONID; Path=/a\u007f", "has more than a Path behind its name"],
    ["JSESSIONID; Path=/商品", "has more than a Path behind its name"],
    [`s; Path=/${"a".repeat(256)}`, "has more than a Path behind its name"],
  ])("%j %s", (text, problem) => {
    expect(outcome(readOriginCookie(text))).toBe(problem);
    expect(remedyOf(readOriginCookie(text))).not.toBe("");
  });
});

describe("duration", () => {
  it("has one number and one unit", () => {
    expect(["30s", "5m", "24h", "7d"].map(durationSeconds)).toEqual([30, 300, 86_400, 604_800]);
    expect(["", "5", "m", "5 m", "5M", "-5m", "1.5h", "1h30m", "5min", "9999999999s"].map(durationSeconds)).toEqual(
      Array(10).fill(null),
    );
  });
});
