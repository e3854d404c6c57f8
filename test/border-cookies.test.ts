import { beforeEach, describe, expect, it, vi } from "vitest";
import { fromBase64Url, toBase64Url } from "../src/encoding.ts";
import { importSealingKeys, seal } from "../src/seal.ts";
import { Browser, WECHAT_USER_AGENT } from "./support/browser.ts";
import { rawRequest } from "./support/hostile.ts";
import {
  cleanUp,
  cookiesSet,
  lastOriginRequest,
  passSeconds,
  SESSION_COOKIE,
  setUp,
  stopClock,
} from "./support/setting.ts";
import { APP_ID, HOST, OTHER_APP_ID, site, type World } from "./support/world.ts";

/** Our cookies in hostile hands: never a pass, never a crash, never a lock-out. */

cleanUp();

const BASE = `https://${HOST}`;
const OTHER_KEY = Uint8Array.from({ length: 32 }, (_, index) => 200 - index);
const toKey = (key: Uint8Array) => key.toBase64({ alphabet: "base64url", omitPadding: true });

let world: World;
let browser: Browser;
let sealed: string;
let gatewayKey: Uint8Array<ArrayBuffer>;

beforeEach(async () => {
  stopClock();
  world = setUp();
  browser = new Browser(world);
  await browser.open("/start");
  sealed = browser.cookies().get(SESSION_COOKIE) ?? "";
  gatewayKey = fromBase64Url(String(world.env.GATEWAY_SECRET)) ?? new Uint8Array();
  world.originRequests.length = 0;
});

const send = (cookie: string, path = "/account", headers: Record<string, string> = {}, to = world) =>
  to.send(rawRequest(BASE + path, { headers: { cookie, ...headers } }));

/** Refused as anybody without a cookie: as a program, as a navigation, at `me`, and the login starts as ever. */
async function expectAnonymous(cookie: string, to = world): Promise<void> {
  const what = cookie.slice(0, 120);
  expect((await send(cookie, "/account", {}, to)).status, what).toBe(401);
  expect(await (await send(cookie, "/_wx/me", {}, to)).json(), what).toEqual({ signed_in: false });
}

const sealWith = async (keys: Uint8Array<ArrayBuffer>[], context: string[], text: string) =>
  seal(await importSealingKeys(keys), context, text);
const session = (change: Record<number, unknown> = {}) => {
  const now = Math.floor(Date.now() / 1_000);
  const tuple: unknown[] = [
    "a".repeat(26),
    `wxu_${"a".repeat(26)}`,
    "oFORGED",
    null,
    null,
    null,
    null,
    "login",
    "silent",
    now,
    now,
    0,
  ];
  return JSON.stringify(Object.assign([...tuple], change));
};

describe("a session cookie", () => {
  it("is nobody's when truncated anywhere, changed at any position, or wrapped in anything", async () => {
    expect((await send(`${SESSION_COOKIE}=${sealed}`)).status).toBe(200);
    const forged = new Set<string>();
    for (let position = 0; position < sealed.length; position++) {
      forged.add(sealed.slice(0, position));
      forged.add(sealed.slice(0, position) + (sealed[position] === "A" ? "B" : "A") + sealed.slice(position + 1));
    }
    const bytes = fromBase64Url(sealed) ?? new Uint8Array();
    for (let index = 0; index < bytes.length; index++) {
      for (const bit of [1, 2, 4, 8, 16, 32, 64, 128]) {
        const flipped = bytes.slice();
        flipped[index] = (flipped[index] ?? 0) ^ bit;
        forged.add(toBase64Url(flipped));
      }
    }
    for (const around of [
      `"${sealed}"`,
      `${sealed}=`,
      `${sealed}.`,
      `${sealed}%00`,
      `${sealed}, ${sealed}`,
      sealed.toUpperCase(),
      encodeURIComponent(`${sealed} `),
      `${sealed}${sealed}`,
    ])
      forged.add(around);
    world.originRequests.length = 0;
    for (const value of forged) expect((await send(`${SESSION_COOKIE}=${value}`)).status).toBe(401);
    expect(world.originRequests).toEqual([]);
    expect(world.logLines.filter(({ event }) => event === "bug")).toEqual([]);
  });

  it.each([
    ["another purpose", ["attempt", HOST, APP_ID]],
    ["the marker's purpose", ["signed_out", HOST, APP_ID]],
    ["another host", ["session", "other.example.com", APP_ID]],
    ["another port", ["session", `${HOST}:8443`, APP_ID]],
    ["another AppID", ["session", HOST, OTHER_APP_ID]],
    ["no context", []],
  ])("sealed for %s is nobody's", async (_, context) => {
    await expectAnonymous(`${SESSION_COOKIE}=${await sealWith([gatewayKey], context, session())}`);
    expect(world.originRequests).toEqual([]);
  });

  it("sealed for this purpose is believed, which shows that the others fail for their context alone", async () => {
    const value = await sealWith([gatewayKey], ["session", HOST, APP_ID], session());
    expect((await send(`${SESSION_COOKIE}=${value}`)).status).toBe(200);
    expect(lastOriginRequest(world).headers.get("x-wx-openid")).toBe("oFORGED");
  });

  const now = () => Math.floor(Date.now() / 1_000);
  it.each([
    ["no JSON", () => "rubbish"],
    ["an object", () => "{}"],
    ["an empty array", () => "[]"],
    ["too many parts", () => `${session().slice(0, -1)},1]`],
    ["an empty openid", () => session({ 2: "" })],
    ["an openid of another type", () => session({ 2: 1 })],
    ["another level", () => session({ 7: "admin" })],
    ["a time that is no number", () => session({ 9: "1" })],
    ["a negative time", () => session({ 9: -1 })],
    ["a fractional time", () => session({ 9: 1.5 })],
    ["an absurd time", () => session({ 9: Number.MAX_SAFE_INTEGER })],
    ["a time beyond numbers", () => session({ 9: 1e308 })],
    ["a sign-in of tomorrow", () => session({ 9: now() + 86_400 })],
    ["a sign-in of long ago", () => session({ 9: 1 })],
    ["a null time", () => session({ 10: null })],
    ["an endless name", () => session({ 5: "a".repeat(5_000) })],
  ])("sealed by us with %s in it is nobody's", async (_, text) => {
    await expectAnonymous(`${SESSION_COOKIE}=${await sealWith([gatewayKey], ["session", HOST, APP_ID], text())}`);
    expect(world.originRequests).toEqual([]);
  });

  it("checked in the far future is checked again, not believed", async () => {
    const value = await sealWith([gatewayKey], ["session", HOST, APP_ID], session({ 10: now() + 1_000_000 }));
    world.calls.d1 = 0;
    await expectAnonymous(`${SESSION_COOKIE}=${value}`);
    expect(world.calls.d1).toBeGreaterThan(0);
  });

  it("of a removed key is nobody's and not cleared; of a second key in the ring it holds", async () => {
    const rotated = setUp([site()], { GATEWAY_SECRET: `${toKey(OTHER_KEY)},${world.env.GATEWAY_SECRET}` });
    expect((await send(`${SESSION_COOKIE}=${sealed}`, "/account", {}, rotated)).status).toBe(200);
    const removed = setUp([site()], { GATEWAY_SECRET: toKey(OTHER_KEY) });
    await expectAnonymous(`${SESSION_COOKIE}=${sealed}`, removed);
    expect((await send(`${SESSION_COOKIE}=${sealed}`, "/account", {}, removed)).headers.getSetCookie()).toEqual([]);
    expect(removed.originRequests).toEqual([]);
  });

  it.each(["", "x", "rubbish", "=", "a=b", "__Host-wx", "\u00e9", "%", "A".repeat(3_000), "😀", '"', "{}"])(
    "that never was ours (%j) is nobody's, and cleared once",
    async (value) => {
      const response = await send(`${SESSION_COOKIE}=${value}`);
      expect(response.status).toBe(401);
      expect(response.headers.getSetCookie()).toEqual([
        `${SESSION_COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure`,
      ]);
    },
  );

  it.each([
    ["one forged before it", (own: string) => `${SESSION_COOKIE}=forged; ${own}`],
    ["an empty one before it", (own: string) => `${SESSION_COOKIE}=; ${own}`],
    ["a forged one after it", (own: string) => `${own}; ${SESSION_COOKIE}=forged`],
    ["thirty before it", (own: string) => `${`${SESSION_COOKIE}=AQAAAA${"A".repeat(60)}; `.repeat(30)}${own}`],
    ["one without a value before it", (own: string) => `${SESSION_COOKIE}; ${own}`],
    ["rubbish around it", (own: string) => `;;; =; ==;a;"; ${own};;;="`],
    ["other names like it", (own: string) => `__Host-wxx=1; wx=2; __host-wx=3; ${own}; __HOST-WX=4`],
    ["blanks around it", (own: string) => `\t  ${own}  \t`],
    [
      "100 cookies before it",
      (own: string) => `${Array.from({ length: 100 }, (_, index) => `c${index}=${"v".repeat(40)}`).join("; ")}; ${own}`,
    ],
    [
      "forged attempts and markers",
      (own: string) =>
        `${Array.from({ length: 60 }, (_, index) => `__Host-wx_a_${index}=x`).join("; ")}; __Host-wx_out=forged; ${own}`,
    ],
  ])("opens with %s: nobody is locked out", async (_, header) => {
    const response = await send(header(`${SESSION_COOKIE}=${sealed}`));
    expect(response.status).toBe(200);
    expect(response.headers.getSetCookie()).toEqual([]);
    expect(lastOriginRequest(world).headers.get("cookie") ?? "").not.toContain(sealed);
  });

  it.each([
    "\u00a0",
    "\ufeff",
    "\u000b",
    "\u000c",
    "\u0085",
    "\u2028",
    "\u3000",
    "\u0001",
    '"',
    "=",
    "$",
    ",",
    "a=1, ",
  ])("with %j before its name is another cookie", async (before) => {
    await expectAnonymous(`${before}${SESSION_COOKIE}=${sealed}`);
  });

  it.each([
    "wx",
    "__host-wx",
    "__HOST-WX",
    "__Secure-wx",
    "__Host-wx ",
    "__Host_wx",
    "Host-wx",
    "__Host-wx\u00a0",
    "__Host-wx%20",
    "__Host-wx[]",
    "__Host-wx_out",
    "__Host-wx_a_12345678",
  ])("under the name %j is none on https", async (name) => {
    // A blank before `=` belongs to no name (RFC 6265): there alone it is the cookie.
    if (name === "__Host-wx ") expect((await send(`${name}=${sealed}`)).status).toBe(200);
    else await expectAnonymous(`${name}=${sealed}`);
  });

  it("of a megabyte, or beside one of blanks, is anonymous before the test's time limit", async () => {
    for (const cookie of [
      `${SESSION_COOKIE}=${"A".repeat(1_000_000)}`,
      `${SESSION_COOKIE}=a${" ".repeat(1_000_000)}b`,
      `${`${SESSION_COOKIE}=x;`.repeat(50_000)}`,
      `${SESSION_COOKIE}${" ".repeat(1_000_000)}=x`,
    ]) {
      expect((await send(cookie)).status).toBe(401);
    }
  });
});

describe("attempt cookies", () => {
  const start = (path: string) => browser.navigate(path);
  const asHeader = (to: Browser) => to.cookieHeader().length;

  it("of 50 login starts stay under 8 KB together, at most 5 of them, the newest kept", async () => {
    const long = `/${"p".repeat(1_000)}`;
    for (const path of ["/x", long]) {
      const visitor = new Browser(world, "test-fifty");
      await visitor.open("/first");
      for (let run = 0; run < 50; run++) {
        const started = await visitor.navigate(`/_wx/login?scope=base&to=${path}${run}`);
        expect(started.status).toBe(302);
        visitor.cookies().delete(SESSION_COOKIE);
        await visitor.navigate(`${path}${run}`);
        expect(asHeader(visitor)).toBeLessThan(8_000);
        const attempts = [...visitor.cookies()].filter(([name]) => name.startsWith("__Host-wx_a_"));
        expect(attempts.length).toBeLessThanOrEqual(5);
        expect(attempts.reduce((sum, [name, value]) => sum + name.length + 1 + value.length, 0)).toBeLessThanOrEqual(
          5_000,
        );
      }
      const hops = await visitor.follow(await visitor.navigate("/last"), "/last");
      expect(hops.at(-1)?.url).toBe(`${BASE}/last#`);
    }
  });

  it("that are forged, foreign or of another purpose exchange no code", async () => {
    const callback = await browser.upToCallback("/_wx/login?to=/").catch(() => null);
    const fresh = new Browser(world, "test-attempts");
    const url = callback ?? (await fresh.upToCallback("/mine"));
    const name = [...fresh.cookies().keys()].find((known) => known.startsWith("__Host-wx_a_")) ?? "";
    const own = fresh.cookies().get(name) ?? "";
    const state = new URL(url).searchParams.get("state") ?? "";
    const body = (change: Record<number, unknown>) =>
      JSON.stringify(Object.assign(["open", state, "/mine", "base", 0, now(), "login"], change));
    const values = [
      `${own.slice(0, -2)}AA`,
      own.slice(5),
      sealed,
      await sealWith([gatewayKey], ["session", HOST, APP_ID], body({})),
      await sealWith([gatewayKey], ["attempt", "other.example.com", APP_ID], body({})),
      await sealWith([gatewayKey], ["attempt", HOST, OTHER_APP_ID], body({})),
      await sealWith([OTHER_KEY], ["attempt", HOST, APP_ID], body({})),
      await sealWith([gatewayKey], ["attempt", HOST, APP_ID], body({ 1: `${"z".repeat(31)}0` })),
      await sealWith([gatewayKey], ["attempt", HOST, APP_ID], body({ 5: now() - 601 })),
      await sealWith([gatewayKey], ["attempt", HOST, APP_ID], body({ 5: now() + 3_600 })),
      await sealWith([gatewayKey], ["attempt", HOST, APP_ID], body({ 4: 9 })),
      await sealWith([gatewayKey], ["attempt", HOST, APP_ID], body({ 3: "everything" })),
    ];
    world.wechatCalls.length = 0;
    for (const value of values) {
      const response = await send(`${name}=${value}`, url.slice(BASE.length), {
        accept: "text/html",
        "user-agent": WECHAT_USER_AGENT,
      });
      expect(response.status).toBe(302);
      expect(response.headers.get("location")).toMatch(/^https:\/\/open\.weixin\.qq\.com\//);
      expect(cookiesSet(response).has(SESSION_COOKIE)).toBe(false);
    }
    expect(world.wechatCalls).toEqual([]);
    // A forged one of the same name before it locks the login out of nothing.
    const doubled = await send(`${name}=forged; ${name}=${own}`, url.slice(BASE.length), {
      accept: "text/html",
      "user-agent": WECHAT_USER_AGENT,
    });
    expect(cookiesSet(doubled).has(SESSION_COOKIE)).toBe(true);
    expect(world.wechatCalls).toHaveLength(1);
  });

  const now = () => Math.floor(Date.now() / 1_000);

  it("count under their own name only: a marker that was moved tells of no try", async () => {
    const visitor = new Browser(world, "test-moved");
    await visitor.open("/");
    const [name = "", marker = ""] = [...visitor.cookies()].find(([known]) => known.startsWith("__Host-wx_a_")) ?? [];
    const stateWith = async (cookie: string) => {
      const started = await send(cookie, "/", { accept: "text/html", "user-agent": WECHAT_USER_AGENT });
      return new URL(started.headers.get("location") ?? "").searchParams.get("state");
    };
    expect(await stateWith(`${name}=${marker}`)).toMatch(/1$/);
    expect(await stateWith(`__Host-wx_a_moved000=${marker}`)).toMatch(/0$/);
  });

  it("are opened up to twelve in one request", async () => {
    const visitor = new Browser(world, "test-twelve");
    await visitor.upToCallback("/");
    const [[name, own] = []] = [...visitor.cookies()];
    const decrypt = vi.spyOn(crypto.subtle, "decrypt");
    const many = Array.from({ length: 25 }, () => `${name}=${own}`).join("; ");
    await send(many, "/", { accept: "text/html", "user-agent": WECHAT_USER_AGENT });
    expect(decrypt).toHaveBeenCalledTimes(12);
  });

  it("of an hour ago start a fresh login instead of an error", async () => {
    const visitor = new Browser(world, "test-late");
    const callback = await visitor.upToCallback("/late?x=1");
    passSeconds(3_600);
    world.wechatCalls.length = 0;
    const response = await visitor.navigate(callback);
    expect(response.status).toBe(302);
    expect(response.headers.get("location")).toMatch(/^https:\/\/open\.weixin\.qq\.com\//);
    expect(world.wechatCalls).toEqual([]);
    expect((await visitor.follow(response, callback)).at(-1)?.url).toBe(`${BASE}/late?x=1#`);
  });

  it("do not keep anybody from starting, however many forged ones a request brings", async () => {
    const forged = Array.from({ length: 300 }, (_, index) => `__Host-wx_a_${index}=AQ${"A".repeat(30)}`).join("; ");
    const response = await send(forged, "/x", { accept: "text/html", "user-agent": WECHAT_USER_AGENT });
    expect(response.status).toBe(302);
    expect(response.headers.getSetCookie().length).toBeLessThan(30);
    await start("/y");
  });
});

describe("the signed-out marker", () => {
  it("pauses only when it is ours: a forged one, or another cookie under its name, changes nothing", async () => {
    const navigation = { accept: "text/html", "user-agent": WECHAT_USER_AGENT };
    const marker = await sealWith([gatewayKey], ["signed_out", HOST, APP_ID], "out");
    expect((await send(`__Host-wx_out=${marker}`, "/x", navigation)).status).toBe(401);
    expect((await send(`__Host-wx_out=forged; __Host-wx_out=${marker}`, "/x", navigation)).status).toBe(401);
    for (const value of ["", "out", "1", sealed, await sealWith([gatewayKey], ["session", HOST, APP_ID], "out")]) {
      expect((await send(`__Host-wx_out=${value}`, "/x", navigation)).status).toBe(302);
    }
    expect((await send(`__Host-wx_out=${marker}; ${SESSION_COOKIE}=${sealed}`, "/x", navigation)).status).toBe(200);
  });

  it("outlives the key that it was sealed with: a rotation must not sign anybody in again", async () => {
    const marker = await sealWith([OTHER_KEY], ["signed_out", HOST, APP_ID], "out");
    const navigation = { accept: "text/html", "user-agent": WECHAT_USER_AGENT };
    const answer = await send(`__Host-wx_out=${marker}`, "/x", navigation);
    expect([answer.status, answer.headers.get("location")]).toEqual([401, null]);
  });
});
