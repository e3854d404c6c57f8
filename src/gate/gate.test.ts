import { describe, expect, it } from "vitest";
import { BACKSLASHES, BROKEN_BYTES, DISGUISED_OWN_PATHS, DOT_SEGMENTS, SLASHES } from "../../test/support/hostile.ts";
import { LEVELS, type Level, type Rule } from "../config/config.ts";
import { ACTION_STATUS, DECISIONS, decide, type SessionState } from "./decide.ts";
import { canonicalHost, cutQuery, parseTarget } from "./host.ts";
import { accessOf, compileRules, strictestOf } from "./match.ts";
import { judgePath } from "./path.ts";
import { safeReturnPath } from "./return-path.ts";
import { type Client, clientOf, type RequestKind, requestKindOf } from "./visitor.ts";

describe("the canonical path", () => {
  it.each([
    ["/", "/"],
    ["/a", "/a"],
    ["/a/", "/a/"],
    ["/a/b.css", "/a/b.css"],
    ["/.well-known/x", "/.well-known/x"],
    ["/...", "/..."],
    ["/a..b/c..", "/a..b/c.."],
    ["/%61dmin", "/admin"],
    ["/%61%64%6D%69%6e", "/admin"],
    ["/%7euser", "/~user"],
    ["/a%2Db%5Fc", "/a-b_c"],
    ["/a%20b", "/a%20b"],
    ["/%e4%b8%ad", "/%E4%B8%AD"],
    ["/中文", "/%E4%B8%AD%E6%96%87"],
    ["/a|b'c[d]", "/a|b'c[d]"],
    ['/a"<>^`{}b', "/a%22%3C%3E%5E%60%7B%7Db"],
    ["/100%25", "/100%25"],
    ["/a%3Ab%40c", "/a%3Ab%40c"],
    ["/_wxyz/me", "/_wxyz/me"],
    ["/a/_wx/me", "/a/_wx/me"],
    ["/_w/x", "/_w/x"],
  ])("%s is judged and forwarded as %s", (raw, path) => {
    expect(judgePath(raw)).toEqual({ kind: "plain", path });
  });

  it.each(DOT_SEGMENTS)("the dot segment %s is refused wherever it stands", (dots) => {
    for (const raw of [`/public/${dots}/admin`, `/${dots}/admin`, `/public/${dots}`, `/${dots}`, `/a/${dots}//b`]) {
      expect(judgePath(raw), raw).toEqual({ kind: "refused" });
    }
  });

  it.each(SLASHES)("dot segments between slashes written %s are refused", (slash) => {
    for (const raw of [`/public${slash}..${slash}admin`, `/public/..${slash}admin`, `/public${slash}%2e%2e/admin`]) {
      expect(judgePath(raw), raw).toEqual({ kind: "refused" });
    }
  });

  it.each(["%E2%88%95", "%E2%81%84", "%E2%A7%B8", "%EF%BC%8F", "%E2%88%96", "%E2%A7%B5"])(
    "dot segments beside a slash look-alike %s are refused",
    (slash) => {
      expect(judgePath(`/public/..${slash}admin`)).toEqual({ kind: "refused" });
      expect(judgePath(`/public${slash}..${slash}admin`)).toEqual({ kind: "refused" });
    },
  );

  it.each(["%3F", "%3f", "%23", "%3Fx", "%23x;y"])("a dot segment that ends at an encoded %s is refused", (end) => {
    for (const raw of [`/open/..${end}`, `/open/.${end}`, `/open/%2e%2e${end}/x`, `/..${end}`]) {
      expect(judgePath(raw), raw).toEqual({ kind: "refused" });
    }
    expect(judgePath(`/_wx${end}`)).toEqual({ kind: "refused" });
    expect(judgePath(`/wiki/Who..${end}`)).toMatchObject({ path: expect.stringContaining("/wiki/Who..") });
  });

  it.each(BACKSLASHES)("the backslash %s is refused", (backslash) => {
    for (const raw of [`/a${backslash}b`, `/${backslash}evil`, `/a/..${backslash}b`, `/${backslash}`]) {
      expect(judgePath(raw), raw).toEqual({ kind: "refused" });
    }
  });

  it.each(BROKEN_BYTES.map((bytes) => [JSON.stringify(bytes), bytes]))("%s is refused", (_, bytes) => {
    for (const raw of [`/${bytes}`, `/a${bytes}`, `/a${bytes}~b`, `/admin/${bytes}/x`]) {
      expect(judgePath(raw), raw).toEqual({ kind: "refused" });
    }
  });

  it("whatever does not begin with a slash is refused", () => {
    for (const raw of ["", "a", "*", "http://x/", "%2Fa", "?x", "@evil"]) expect(judgePath(raw).kind).toBe("refused");
  });

  it.each([
    ["//a", "//a"],
    ["/a//b", "/a//b"],
    ["/a//", "/a//"],
    ["/a%2fb", "/a%2Fb"],
    ["/a;b", "/a;b"],
    ["/a;v=1/b", "/a;v=1/b"],
    ["/a%3bb", "/a%3Bb"],
    ["/%2561dmin", "/%2561dmin"],
    ["/a%2520b", "/a%2520b"],
    ["/a%25%32%30b", "/a%2520b"],
    ["/a%252fb", "/a%252fb"],
    ["/a%25252fb", "/a%25252fb"],
  ])("%s is odd and stays %s", (raw, path) => {
    expect(judgePath(raw)).toEqual({ kind: "odd", path });
  });

  it("more encodings of one byte than anybody makes are refused", () => {
    expect(judgePath(`/a%${"25".repeat(20)}41`)).toEqual({ kind: "refused" });
    expect(judgePath(`/a%${"25".repeat(5)}41`)).toEqual({ kind: "refused" });
    expect(judgePath(`/a%${"25".repeat(4)}41`).kind).toBe("odd");
  });

  it.each(["/_wx", "/_wx/", "/_wx/me", "/_wx/unknown", "/_wx/MP_verify_a.txt"])("%s is ours", (path) => {
    expect(judgePath(path)).toEqual({ kind: "own", path });
  });

  it.each(DISGUISED_OWN_PATHS)("%s reads as ours and is refused", (raw) => {
    expect(judgePath(raw)).toEqual({ kind: "refused" });
  });

  it("takes time in proportion to the length, whatever it is made of", () => {
    const runs = [
      "%20",
      "%E3%80%80",
      ";",
      "/",
      "a",
      ".",
      "%25",
      "%2e",
      "%2525",
      " ",
      "\u3000",
      "%3b",
      "%20;",
      "%ef%b7%ba",
    ];
    // No clock: work that grows with the square of this length would not end within the test's time limit.
    for (const run of runs) {
      const raw = `/a${run.repeat(Math.floor(1_000_000 / run.length))}b`;
      expect(judgePath(raw).kind, run).not.toBe("own");
      expect(judgePath(`${raw}%`), run).toEqual({ kind: "refused" });
    }
  });
});

describe("the host", () => {
  it.each([
    ["shop.example.com", "https", "shop.example.com"],
    ["SHOP.Example.COM", "https", "shop.example.com"],
    ["shop.example.com.", "https", "shop.example.com"],
    ["shop.example.com:443", "https", "shop.example.com"],
    ["shop.example.com.:443", "https", "shop.example.com"],
    ["shop.example.com:0443", "https", "shop.example.com"],
    ["shop.example.com:80", "http", "shop.example.com"],
    ["shop.example.com:443", "http", "shop.example.com:443"],
    ["shop.example.com:8443", "https", "shop.example.com:8443"],
    ["XN--FSQU00A.example.com", "https", "xn--fsqu00a.example.com"],
    ["[::1]:8787", "http", "[::1]:8787"],
    ["localhost", "http", "localhost"],
  ] as const)("%s over %s is %s", (authority, scheme, host) => {
    expect(canonicalHost(authority, scheme)).toBe(host);
  });

  it.each([
    "",
    ".",
    "..",
    "a..b",
    ".a",
    "a..",
    "user@shop.example.com",
    "user:pass@shop.example.com",
    "shop.example.com:x",
    "shop.example.com:",
    "shop.example.com:123456",
    "shop.example.com:0",
    "shop.example.com:65536",
    "shop.example.com:443:443",
    "shop.example.com, evil.example.net",
    "shop.example.com evil.example.net",
    "shop.example.com%2eevil.net",
    "shop。example。com",
    "例え.example.com",
    "shop.example.com\u0000",
    "shop.example.com\n",
    "*.example.com",
    "[::1",
    "::1",
  ])("%j is no host", (authority) => {
    expect(canonicalHost(authority, "https")).toBeNull();
  });

  it.each([
    "",
    "/",
    "https://",
    "https:///x",
    "https:/x",
    "ftp://shop.example.com/",
    "javascript:1",
    "https://?x",
    "https://h?x",
  ])("%j has no target", (url) => {
    expect(parseTarget(url)).toBeNull();
  });

  it("takes a raw URL apart without making it straight", () => {
    const { base, search } = cutQuery("HTTPS://SHOP.example.com./a/../b//c;d?x=/_wx/?y#z");
    expect(search).toBe("?x=/_wx/?y#z");
    expect(parseTarget(base)).toEqual({ scheme: "https", host: "shop.example.com", rawPath: "/a/../b//c;d" });
    expect(cutQuery("http://h")).toEqual({ base: "http://h", search: "" });
    expect(parseTarget("http://h")).toEqual({ scheme: "http", host: "h", rawPath: "/" });
    // What no path begins with is left to the judge of paths, which refuses it.
    expect(parseTarget("https://h\\evil/x")?.rawPath).toBe("\\evil/x");
    expect(parseTarget("https://h#x")?.rawPath).toBe("#x");
  });
});

const rule = (path: string, access: Level, methods: string[] | null = null): Rule => ({
  path,
  access,
  methods: methods === null ? null : new Set(methods),
});
const levelOf = (rules: Rule[], path: string, method = "GET", access: Level = "open", odd = false) =>
  accessOf(compileRules({ rules, access }), path, method, odd);

describe("a rule", () => {
  it.each([
    ["/a/*", "/a", true],
    ["/a/*", "/a/", true],
    ["/a/*", "/a/b/c", true],
    ["/a/*", "/ab", false],
    ["/a/*", "/b/a/c", false],
    ["/a", "/a", true],
    ["/a", "/a/", false],
    ["/a/*/c", "/a/b/c", true],
    ["/a/*/c", "/a/b/x/c", false],
    ["/a/**/c", "/a/b/x/c", true],
    ["/a/**/c", "/a/c", true],
    ["/a/*.css", "/a/x.css", true],
    ["/a/*.css", "/a/b/x.css", false],
    ["/a.b", "/axb", false],
    ["/*", "/", true],
    ["/**", "/x/y", true],
    ["/a+b(c)", "/a+b(c)", true],
  ])("%s and %s: %s", (pattern, path, matches) => {
    expect(levelOf([rule(pattern, "deny")], path)).toBe(matches ? "deny" : "open");
  });

  it.each(["login", "profile", "deny"] as const)("of level %s protects every case of its path", (access) => {
    for (const path of ["/admin/x", "/ADMIN/x", "/aDmIn", "/Admin/"]) {
      expect(levelOf([rule("/admin/*", access)], path)).toBe(access);
    }
    expect(levelOf([rule("/%C3%A9t%C3%A9/*", access)], "/%C3%89T%C3%89/x")).toBe(access);
  });

  it.each(["open", "optional", "auto"] as const)("of level %s opens its exact spelling only", (access) => {
    expect(levelOf([rule("/assets/*", access)], "/assets/x", "GET", "login")).toBe(access);
    expect(levelOf([rule("/assets/*", access)], "/ASSETS/x", "GET", "login")).toBe("login");
    expect(levelOf([rule("/Assets/*", access)], "/assets/x", "GET", "login")).toBe("login");
  });

  it.each([
    ["/@admin/*", "/%40admin/x"],
    ["/%40admin/*", "/@admin/x"],
    ["/pay!now", "/pay%21now"],
    ["/a(b)", "/a%28b%29"],
    ["/a:b/*", "/a%3Ab/c"],
    ["/a+b", "/a%2Bb"],
    ["/a=b&c", "/a%3Db%26c"],
    ["/a$b'c", "/a%24b%27c"],
    ["/a,b", "/a%2Cb"],
    ["/a|b", "/a%7Cb"],
    ["/%5Bx%5D", "/[x]"],
  ])("%s protects %s too: an origin that decodes serves the same", (pattern, path) => {
    for (const access of ["login", "profile", "deny"] as const) {
      expect(levelOf([rule(pattern, access)], path)).toBe(access);
    }
  });

  it("takes a star from the pattern only, never an encoded one", () => {
    expect(levelOf([rule("/a/%2A/c", "deny")], "/a/b/c")).toBe("open");
    expect(levelOf([rule("/a/%2A/c", "deny")], "/a/*/c")).toBe("deny");
    expect(levelOf([rule("/a/*/c", "open")], "/a/%2A%2A/c", "GET", "deny")).toBe("open");
  });

  it.each(["/%EF%BD%81dmin/x", "/%EF%BD%81%EF%BD%84%EF%BD%8D%EF%BD%89%EF%BD%8E/x", "/admi%E2%81%BF"])(
    "protects the compatibility spelling %s of its path",
    (path) => {
      expect(levelOf([rule("/admin/*", "deny")], path)).toBe("deny");
      expect(levelOf([rule("/admin/*", "open")], path, "GET", "login")).toBe("login");
    },
  );

  it.each([
    ["/Ａdmin", "/admin"],
    ["/ﬁles/*", "/files/x"],
    ["/cafe*", "/cafe%CC%81x"],
    ["/Ａe*", "/%EF%BC%A1e%CC%81x"],
  ])("%s protects %s: the same to an origin that folds one of them, or neither", (pattern, path) => {
    expect(levelOf([rule(pattern, "deny")], path)).toBe("deny");
    expect(levelOf([rule(pattern, "deny")], pattern.replace("*", "x"))).toBe("deny");
  });

  // nginx's `proxy_pass http://app$uri` sends on what it has decoded: the application's path ends at the `?`.
  it.each(["%3F", "%23"])("protects what stands before an encoded %s too", (mark) => {
    const rules = [rule("/**/*.css", "open"), rule("/account/orders", "profile"), rule("/account/**", "login")];
    expect(levelOf(rules, `/account/orders${mark}.css`)).toBe("profile");
    expect(levelOf(rules, `/account/x${mark}a${mark}.css`)).toBe("login");
    expect(levelOf([rule("/admin/**", "deny")], `/ADMIN${mark}x`)).toBe("deny");
    expect(levelOf([rule("/*.css", "open")], `/page${mark}.css`, "GET", "login")).toBe("login");
    const edit = [rule("/**/*.css", "open"), rule("/files/*/edit", "deny")];
    expect(levelOf(edit, "/files/a%23b/edit%3F.css", "GET", "login")).toBe("deny");
    // The stricter of the two, never a way to a weaker level.
    expect(levelOf([rule("/account", "open")], `/account${mark}x`, "GET", "login")).toBe("login");
    expect(levelOf([rule("/wiki/*", "open")], `/wiki/Who${mark}`, "GET", "login")).toBe("open");
  });

  it("with methods is for those, in any case; GET includes HEAD", () => {
    const rules = [rule("/x", "deny", ["GET"]), rule("/x", "profile", ["POST"])];
    for (const method of ["GET", "get", "HEAD", "head", "Get"]) expect(levelOf(rules, "/x", method)).toBe("deny");
    for (const method of ["POST", "post"]) expect(levelOf(rules, "/x", method)).toBe("profile");
    for (const method of ["PUT", "OPTIONS", "PROPFIND"]) expect(levelOf(rules, "/x", method, "login")).toBe("login");
  });

  it("first match wins", () => {
    const rules = [rule("/a/b", "open"), rule("/a/*", "login"), rule("/a/c", "deny")];
    expect(levelOf(rules, "/a/b", "GET", "deny")).toBe("open");
    expect(levelOf(rules, "/a/c", "GET", "deny")).toBe("login");
  });

  it("does not decide about an odd path: the strictest level of the site does", () => {
    const rules = [rule("/*", "open"), rule("/x", "profile", ["PUT"])];
    expect(levelOf(rules, "//a", "GET", "open", true)).toBe("profile");
    expect(levelOf([rule("/*", "open")], "/a;b", "GET", "deny", true)).toBe("deny");
    expect(levelOf([rule("/*", "open")], "/a;b", "GET", "open", true)).toBe("open");
    for (const a of LEVELS) for (const b of LEVELS) expect(strictestOf([a, b])).toBe(strictestOf([b, a]));
  });
});

describe("a rule with many stars", () => {
  // No clock: matching that tries every split of such a path would not end within the test's time limit.
  it.each([
    ["/*-*-*-*.html", `/${"-".repeat(100_000)}`],
    ["/**/x/**/x/**/y", "/x".repeat(50_000)],
    ["/**/*a*a*a*b", `/${"a".repeat(100_000)}`],
  ])("%s is matched in linear time", (path, hostile) => {
    const compiled = compileRules({ rules: [{ path, methods: null, access: "deny" }], access: "open" });
    expect(accessOf(compiled, hostile, "GET", false)).toBe("open");
  });

  it.each([
    ["/**/x/**/y", "/x/y", true],
    ["/**/x/**/y", "/a/x/b/c/y", true],
    ["/**/x/**/y", "/a/x/b/c/y/z", false],
    ["/**/x/**/y", "/y/x", false],
    ["/a/**/b/*", "/a/b", true],
    ["/a/**/*", "/a", true],
    ["/a/**/b/*", "/a/c/b/d/e", true],
    ["/*-*-*.html", "/a-b-c.html", true],
    ["/*-*-*.html", "/a-b.html", false],
    ["/a*a", "/a", false],
    ["/a*a", "/aa", true],
    ["/*ab*abc", "/ababc", true],
  ])("%s and %s: %s", (path, at, matches) => {
    const compiled = compileRules({ rules: [{ path, methods: null, access: "auto" }], access: "open" });
    expect(accessOf(compiled, at, "GET", false)).toBe(matches ? "auto" : "open");
  });
});

describe("a return path", () => {
  it.each([
    ["/", "/"],
    ["/a?b=c", "/a?b=c"],
    ["/a?code=1&state=2", "/a?code=1&state=2"],
    ["/a#frag", "/a"],
    ["/a?x=1#/route", "/a?x=1"],
    ["/a?u=https://evil.example/", "/a?u=https://evil.example/"],
    ["/a?x=//evil", "/a?x=//evil"],
    ["/中?q=文", "/%E4%B8%AD?q=%E6%96%87"],
    // A query's parser has decoded them: nginx's $request_uri is put into `to` as it stands.
    ["/a b?c d", "/a%20b?c%20d"],
    ["/a?c d", "/a?c%20d"],
    ["/a%20b", "/a%20b"],
    ['/a?x="<>', "/a?x=%22%3C%3E"],
    // What browsers send as it stands comes back as it stands.
    ["/a?x=\\b", "/a?x=\\b"],
    ["/a?f={%22a%22:[1]}&p=^`|'", "/a?f={%22a%22:[1]}&p=^`|'"],
    ["/a;b?x", "/a;b?x"],
    ["/a//b", "/a//b"],
    ["/a?%0d%0aSet-Cookie:x=y", "/a?%0d%0aSet-Cookie:x=y"],
    ["/_wxyz", "/_wxyz"],
    ["/a?to=/_wx/logout", "/a?to=/_wx/logout"],
    ["/a?x=\u2028y", "/a?x=%E2%80%A8y"],
  ])("%j becomes %j", (input, output) => {
    expect(safeReturnPath(input)).toBe(output);
  });

  it.each([
    null,
    undefined,
    "",
    "a",
    "?x",
    "#x",
    "//evil.example",
    "///evil.example",
    "//evil.example/%2e%2e",
    "/\\evil.example",
    "/\\/evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/%5cevil.example",
    "/a\\..\\..\\evil",
    "/a\\?x",
    "https://evil.example",
    "https:evil.example",
    "HTTPS://evil.example",
    "http:/evil",
    "//shop.example.com@evil.example/",
    "javascript:alert(1)",
    "data:text/html,x",
    " /a",
    "\t/a",
    "/\t/evil.example",
    "/\n/evil.example",
    "/%09/evil.example",
    "/%0a/evil.example",
    "/a\r\nSet-Cookie: x=y",
    "/a?x\r\ny",
    "/a?x\u0000",
    "/a\u007f",
    "/.//evil.example",
    "/..//evil.example",
    "/a/..//evil.example",
    "/%2e%2e//evil.example",
    "/./\\evil.example",
    "/a/../_wx/logout",
    "/_wx/logout",
    "/_wx",
    "/_wx?x",
    "/_wx#x",
    "/_wx/logout?to=/",
    ...DISGUISED_OWN_PATHS.filter((path) => !path.includes("#")),
    "/\ud800",
    "/a?\udfff",
    "/\ufffd",
    `/${"a".repeat(1_024)}`,
    `/?${"中".repeat(400)}`,
    `/${"a".repeat(100_000)}`,
  ])("%j becomes /", (input) => {
    expect(safeReturnPath(input)).toBe("/");
  });

  it("keeps 1,024 bytes and not one more", () => {
    const path = `/${"a".repeat(1_023)}`;
    expect(safeReturnPath(path)).toBe(path);
    expect(safeReturnPath(`${path}b`)).toBe("/");
    expect(safeReturnPath(`/?${"é".repeat(170)}`)).toHaveLength(1_022);
    expect(safeReturnPath(`/?${"é".repeat(171)}`)).toBe("/");
  });
});

const headers = (init: Record<string, string>) => new Headers(init);

describe("the visitor", () => {
  it.each([
    ["Mozilla/5.0 MicroMessenger/8.0", "wechat"],
    ["micromessenger", "wechat"],
    ["Mozilla/5.0 wxwork/4.1 MicroMessenger/7.0", "outside"],
    ["Mozilla/5.0 WXWork/4.1 MicroMessenger/7.0", "outside"],
    ["Googlebot/2.1", "outside"],
    ["GoogleHC/1.0", "outside"],
    ["", "outside"],
  ] as const)("with %j is counted as %s", (userAgent, client) => {
    expect(clientOf(headers({ "user-agent": userAgent }))).toBe(client);
  });

  it.each([
    ["GET", { upgrade: "websocket" }, "websocket"],
    ["GET", { upgrade: "WebSocket", accept: "text/html" }, "websocket"],
    ["POST", { upgrade: "websocket" }, "websocket"],
    ["GET", { upgrade: "h2c", accept: "text/html" }, "navigation"],
    ["OPTIONS", { origin: "https://a", "access-control-request-method": "GET" }, "preflight"],
    ["options", { origin: "https://a", "access-control-request-method": "GET" }, "preflight"],
    ["OPTIONS", { origin: "https://a" }, "other"],
    ["OPTIONS", { "access-control-request-method": "GET" }, "other"],
    ["GET", { origin: "https://a", "access-control-request-method": "GET" }, "other"],
    ["GET", { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" }, "navigation"],
    ["HEAD", { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" }, "navigation"],
    ["GET", { "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" }, "other"],
    ["GET", { "sec-fetch-mode": "cors", "sec-fetch-dest": "empty", accept: "text/html" }, "other"],
    // One of the two alone: what is missing says nothing, what is there counts.
    ["GET", { "sec-fetch-mode": "navigate" }, "navigation"],
    ["GET", { "sec-fetch-dest": "document" }, "navigation"],
    ["GET", { "sec-fetch-mode": "cors", accept: "text/html" }, "other"],
    ["GET", { "sec-fetch-dest": "iframe", accept: "text/html" }, "other"],
    ["GET", { "sec-fetch-mode": "cors", "sec-fetch-dest": "document", accept: "text/html" }, "other"],
    ["POST", { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" }, "other"],
    ["GET", { accept: "text/html,*/*" }, "navigation"],
    ["GET", { accept: "text/html", "x-requested-with": "com.tencent.mm" }, "navigation"],
    ["GET", { accept: "text/html", "x-requested-with": "XMLHttpRequest" }, "other"],
    ["GET", { accept: "*/*" }, "other"],
    ["GET", {}, "other"],
    ["PROPFIND", { accept: "text/html" }, "other"],
  ] as const)("%s %j is a %s", (method, init, kind) => {
    expect(requestKindOf(method, headers(init))).toBe(kind);
  });
});

const CLIENTS: Client[] = ["wechat", "outside"];
const KINDS: RequestKind[] = ["navigation", "preflight", "websocket", "other"];
const STATES: SessionState[] = ["none", "signed_out", "paused", "login", "profile", "login_old", "profile_old"];

describe("the decision", () => {
  const every = LEVELS.flatMap((level) =>
    CLIENTS.flatMap((client) => KINDS.flatMap((kind) => STATES.map((state) => ({ level, client, kind, state })))),
  );

  it("is in the table for every input, so that its fallback is never reached", () => {
    for (const { level, client, kind, state } of every) {
      const rows = DECISIONS.filter(
        (row) =>
          row.level.includes(level) &&
          (row.client === undefined || row.client === client) &&
          (row.kind === undefined || row.kind.includes(kind)) &&
          (row.session === undefined || row.session.includes(state)),
      );
      expect(rows[0]?.action, JSON.stringify({ level, client, kind, state })).toBe(decide(level, client, kind, state));
    }
  });

  it("lets nobody pass a gated level without its session", () => {
    for (const { level, client, kind, state } of every) {
      const action = decide(level, client, kind, state);
      const isForwarded = ACTION_STATUS[action] === null;
      const what = JSON.stringify({ level, client, kind, state, action });
      const isAnonymous = !state.startsWith("login") && !state.startsWith("profile");
      if (level === "deny") expect(isForwarded, what).toBe(false);
      if (level === "login" || level === "profile") {
        if (isAnonymous || kind === "preflight") expect(isForwarded, what).toBe(false);
        if (isForwarded) expect(action, what).toBe("forward_signed_in");
      }
      if (level === "profile" && isForwarded) expect(state, what).toMatch(/^profile/);
      if (isAnonymous) expect(action, what).not.toBe("forward_signed_in");
      if (level === "open") expect(action, what).toBe("forward_anonymous");
    }
  });

  it("sends only navigations anywhere: a program gets no redirect and no page", () => {
    for (const { level, client, kind, state } of every) {
      if (kind === "navigation") continue;
      expect(["start_login", "renew", "ask_profile", "signed_out_page", "outside_page"]).not.toContain(
        decide(level, client, kind, state),
      );
    }
  });

  it("asks nobody on open and optional, and nobody outside WeChat on auto", () => {
    for (const { level, client, kind, state } of every) {
      const asksNothing = level === "open" || level === "optional" || (level === "auto" && client === "outside");
      if (asksNothing) expect(ACTION_STATUS[decide(level, client, kind, state)]).toBeNull();
    }
  });
});
