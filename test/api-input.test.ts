import { describe, expect, it } from "vitest";
import { apiWorld, type CallOptions, call, visitor } from "./support/api.ts";
import { cleanUp, rows } from "./support/setting.ts";

/** What a caller gets wrong: everything at once, where it is, and nothing is written. */

cleanUp();

const NOBODY = `wxu_${"a".repeat(26)}`;
const bind = (options: CallOptions) => call(apiWorld(), "PUT", `/users/${NOBODY}/site_user`, options);

async function mistakes(method: string, path: string, options: CallOptions = {}): Promise<string[]> {
  const { status, body } = await call(apiWorld(), method, path, options);
  expect([status, body.code]).toEqual([400, "input_invalid"]);
  for (const { detail } of body.errors) expect(detail).not.toMatch(/Invalid|Expected/);
  return body.errors.map((error: { parameter?: string; pointer?: string }) => error.parameter ?? error.pointer);
}

describe("parameters", () => {
  it("are all judged at once, those of path, query and body", async () => {
    const found = await mistakes("PUT", "/users/wxu_x/site_user?verbose=1&verbose=2", {
      json: { site_user: "", extra: 1, "a/b~c": null },
    });
    expect(found).toEqual(["user", "verbose", "verbose", "/extra", "/a~1b~0c", "/site_user"]);
  });

  it.each([
    ["/users?limit=0", ["limit"]],
    ["/users?limit=201", ["limit"]],
    ["/users?limit=ten", ["limit"]],
    ["/users?limit=1.5", ["limit"]],
    ["/users?limit=", ["limit"]],
    ["/users?blocked=yes&bound=1", ["blocked", "bound"]],
    ["/users?seen_since=2026-11-22", ["seen_since"]],
    ["/users?seen_since=-1", ["seen_since"]],
    ["/users?cursor=!", ["cursor"]],
    ["/users?cursor=AAAA", ["cursor"]],
    ["/users?openid=%00", ["openid"]],
    ["/users?openid=a&unionid=b&site_user=c", ["unionid", "site_user"]],
    ["/users?openid=a&unionid=b&limit=0&cursor=AAAA", ["limit", "cursor", "unionid"]],
    ["/users?site_user=wxu_1", ["site_user"]],
    ["/users?constructor=1&__proto__=2", ["constructor", "__proto__"]],
    ["/users?nope", ["nope"]],
    ["/users?limit=1&limit=2", ["limit"]],
    ["/events?kind=logins&since=x&user=u", ["user", "kind", "since"]],
    ["/events?cursor=AAAA", ["cursor"]],
    [`/users/${NOBODY.toUpperCase()}`, ["user"]],
    [`/users/${NOBODY}x?x`, ["user", "x"]],
    ["/openapi.json?x=1", ["x"]],
  ])("%s", async (path, expected) => {
    expect(await mistakes("GET", path)).toEqual(expected);
  });

  it("of a cursor are of its own list", async () => {
    const world = apiWorld();
    for (let count = 0; count < 2; count++) await visitor(world);
    const { body } = await call(world, "GET", "/events?limit=1");
    expect((await call(world, "GET", `/users?cursor=${body.next_cursor}`)).status).toBe(400);
  });
});

describe("a body", () => {
  it.each([
    ["is missing", {}, "/site_user"],
    ["is empty", { json: {} }, "/site_user"],
    ["is a list", { json: [] }, ""],
    ["is null", { json: null }, ""],
    ["is a text", { json: "1001" }, ""],
    ["has a number where text belongs", { json: { site_user: 1001 } }, "/site_user"],
    ["has a user id of ours", { json: { site_user: NOBODY } }, "/site_user"],
    ["has our prefix in capitals", { json: { site_user: "WXU_1" } }, "/site_user"],
    ["has a space", { json: { site_user: "a b" } }, "/site_user"],
    ["has a line end", { json: { site_user: "a\n" } }, "/site_user"],
    ["is too long", { json: { site_user: "a".repeat(129) } }, "/site_user"],
  ])("that %s is refused with its place", async (_, options, pointer) => {
    expect(await mistakes("PUT", `/users/${NOBODY}/site_user`, options)).toEqual([pointer]);
  });

  it.each(["{", "{}x", "\ufeff{}", '{"site_user":}'])("that is no JSON is refused: %j", async (body) => {
    const answer = await bind({ body, headers: { "content-type": "application/json" } });
    expect([answer.status, answer.body.code]).toEqual([400, "json_malformed"]);
  });

  it("that is no UTF-8 is refused", async () => {
    const body = new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d]);
    const answer = await bind({ body, headers: { "content-type": "application/json" } });
    expect(answer.body.code).toBe("json_malformed");
  });

  it.each(["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "x"])(
    "as %s is refused",
    async (type) => {
      const answer = await bind({ body: '{"site_user":"1"}', headers: { "content-type": type } });
      expect([answer.status, answer.body.code]).toEqual([415, "content_type_refused"]);
    },
  );

  it("may name its charset", async () => {
    const headers = { "content-type": "Application/JSON; charset=utf-8" };
    expect((await bind({ json: { site_user: "1" }, headers })).status).toBe(404);
  });

  it("has 64 KB at most, and the rest is not read", async () => {
    const room = 65_536 - '{"site_user":""}'.length;
    const fits = await bind({ json: { site_user: "a".repeat(room) } });
    expect(fits.body.code).toBe("input_invalid");
    const tooLarge = await bind({ json: { site_user: "a".repeat(room + 1) } });
    expect([tooLarge.status, tooLarge.body.code]).toEqual([413, "body_too_large"]);
  });

  it("with a mistake changes nothing", async () => {
    const world = apiWorld();
    const { user } = await visitor(world);
    const json = { site_user: "mine", also: 1 };
    expect((await call(world, "PUT", `/users/${user}/site_user`, { json })).status).toBe(400);
    expect(await rows("SELECT * FROM site_users WHERE user_id = ?", user)).toEqual([]);
    expect((await call(world, "PUT", `/users/${user}/block`, { json: { until: 1 } })).status).toBe(400);
    expect(await rows("SELECT * FROM blocks WHERE user_id = ?", user)).toEqual([]);
  });
});
