import { describe, expect, it, vi } from "vitest";
import { loadRuntime } from "../src/load-runtime.ts";
import type { Runtime } from "../src/runtime.ts";
import { SQL } from "../src/storage/d1.ts";
import { Browser } from "./support/browser.ts";
import { rawRequest } from "./support/hostile.ts";
import {
  cleanUp,
  database,
  NO_IO,
  passSeconds,
  rows,
  SESSION_COOKIE,
  seenByOrigin,
  setUp,
  somebody,
  startCounting,
  stopClock,
} from "./support/setting.ts";
import { createWorld, HOST, site, type World } from "./support/world.ts";

/**
 * What a request costs, counted and not timed: calls, copies, keys used, entries remembered. Times are `npm run bench`.
 */

cleanUp();

const COUNTED = { Headers, Request, Response };
const CRYPTO = ["sign", "verify", "encrypt", "decrypt", "digest", "importKey", "deriveBits"] as const;
type Costs = Record<keyof typeof COUNTED, number> & { crypto: string[]; fetches: number };

/** Sends one request of the browser's and counts what the gateway makes for it; the origin answers with `page`. */
async function costsOf(world: World, browser: Browser, path: string, page: Response) {
  const request = await captured(world, () => browser.navigate(path));
  const costs: Costs = { Headers: 0, Request: 0, Response: 0, crypto: [], fetches: 0 };
  for (const [name, real] of Object.entries(COUNTED)) {
    const construct = (target: typeof real, values: unknown[]) => {
      costs[name as keyof typeof COUNTED]++;
      return Reflect.construct(target, values) as object;
    };
    vi.stubGlobal(name, new Proxy<typeof real>(real, { construct }));
  }
  for (const name of CRYPTO) {
    const real = crypto.subtle[name] as (...values: unknown[]) => Promise<never>;
    const count = (...values: unknown[]) => {
      costs.crypto.push(name);
      return real.apply(crypto.subtle, values);
    };
    vi.spyOn(crypto.subtle, name as "sign").mockImplementation(count);
  }
  vi.stubGlobal("fetch", async () => {
    costs.fetches++;
    return page;
  });
  const response = await world.send(request);
  return { costs, response };
}

/** The request that a browser would send, without sending it. */
async function captured(world: World, act: () => Promise<Response>): Promise<Request> {
  const { send } = world;
  let seen: Request | null = null;
  world.send = async (request) => {
    seen = request;
    return new Response();
  };
  await act();
  world.send = send;
  if (seen === null) throw new Error("the browser sent nothing");
  return seen;
}

const closedPage = () => new Response("x", { headers: { "cache-control": "private, no-store" } });

/** Signed in, and seen once by this isolate. */
async function knownVisitor(world: World): Promise<Browser> {
  const browser = new Browser(world, somebody());
  expect((await browser.open("/")).response.status).toBe(200);
  expect((await browser.navigate("/")).status).toBe(200);
  startCounting(world);
  return browser;
}

describe("a signed-in request of a known visitor", () => {
  it("makes no list of headers, uses no key, asks nobody but the origin, and hands its answer on as it is", async () => {
    const world = createWorld();
    const page = closedPage();
    const { costs, response } = await costsOf(world, await knownVisitor(world), "/shop?id=1", page);
    expect(response).toBe(page);
    expect(costs).toEqual({ Headers: 0, Request: 0, Response: 0, crypto: [], fetches: 1 });
    expect(world.calls).toEqual(NO_IO);
  });

  it("copies the answer once, without its body, where a header must change", async () => {
    const world = createWorld();
    const page = new Response("x", { headers: { "content-type": "text/html" } });
    const { body } = page;
    const { costs, response } = await costsOf(world, await knownVisitor(world), "/", page);
    expect(costs).toEqual({ Headers: 0, Request: 0, Response: 1, crypto: [], fetches: 1 });
    expect(response.headers.get("cache-control")).toBe("private, no-store");
    expect(response.body).toBe(body); // the very stream of the origin goes on
  });
});

/** The same browser at another isolate, which has read its configuration and met nobody. */
async function atAnotherIsolate(known: Browser, sites?: Record<string, unknown>[]) {
  const world = createWorld(sites);
  await loadRuntime(world.env);
  const browser = new Browser(world, known.person);
  browser.jar.set(HOST, new Map(known.cookies()));
  return { world, browser };
}

describe("a request on an `open` path", () => {
  it("opens no cookie, and gets the origin's answer as it is, whatever it says of caches", async () => {
    const open = [site({ rules: [{ path: "/open/*", access: "open" }] })];
    const { world, browser } = await atAnotherIsolate(await knownVisitor(createWorld(open)), open);
    const page = new Response("x", { headers: { "content-type": "text/html" } });
    const { costs, response } = await costsOf(world, browser, "/open/page", page);
    expect(response).toBe(page);
    expect(costs).toEqual({ Headers: 0, Request: 0, Response: 0, crypto: [], fetches: 1 });
  });
});

describe("the signed assertion", () => {
  it("is made anew when less than three of its five minutes are left", async () => {
    stopClock();
    const world = setUp();
    const browser = await knownVisitor(world);
    const made = seenByOrigin(world, "x-wx-assertion");
    passSeconds(120);
    await browser.navigate("/");
    expect(seenByOrigin(world, "x-wx-assertion")).toBe(made);
    passSeconds(1);
    await browser.navigate("/");
    expect(seenByOrigin(world, "x-wx-assertion")).not.toBe(made);
  });
});

describe("a signed-in request of a visitor whom this isolate has not met", () => {
  it("opens one cookie and signs one assertion, still without any I/O", async () => {
    const { world, browser } = await atAnotherIsolate(await knownVisitor(createWorld()));
    const { costs } = await costsOf(world, browser, "/", closedPage());
    expect(world.calls).toEqual(NO_IO);
    expect(costs).toEqual({ Headers: 0, Request: 0, Response: 0, crypto: ["decrypt", "sign"], fetches: 1 });
  });
});

describe("a recheck", () => {
  it("is one query that reads two rows, three with an id of the site's own (docs/scale.md)", async () => {
    const world = setUp();
    await knownVisitor(world);
    const user = seenByOrigin(world, "x-wx-user");
    const [session] = await rows<{ sid: string }>("SELECT sid FROM sessions WHERE user_id = ?", user);
    const rowsRead = async () => (await database.prepare(SQL.readSession).bind(session?.sid).all()).meta.rows_read;
    expect(await rowsRead()).toBe(2);
    await rows("INSERT INTO site_users (site, user_id, site_user) VALUES (?, ?, ?)", HOST, user, "costs-1");
    expect(await rowsRead()).toBe(3);
  });
});

describe("what an isolate remembers", () => {
  async function runtimeOf(world: World): Promise<Runtime> {
    const loaded = await loadRuntime(world.env);
    if (!loaded.ok) throw new Error("the configuration of the tests is right");
    return loaded.runtime;
  }

  it("is bounded, however many visitors pass: 5,000 opened cookies and checked sessions, 2,000 browsers and URLs", async () => {
    const runtime = await runtimeOf(setUp());
    for (let visitor = 0; visitor < 12_000; visitor++) {
      runtime.routes.set(`GET ${visitor}`, {} as never);
      runtime.knownBrowsers.set(`header ${visitor}`, {} as never);
      runtime.openedSessions.set(`cookie ${visitor}`, {} as never);
      runtime.checkedSessions.set(`sid ${visitor}`, { checkedAt: 0, session: null });
    }
    expect(runtime.routes.size).toBe(2_000);
    expect(runtime.knownBrowsers.size).toBe(2_000);
    expect(runtime.openedSessions.size).toBe(5_000);
    expect(runtime.checkedSessions.size).toBe(5_000);
    expect(runtime.openedSessions.get("cookie 6999")).toBeUndefined();
    expect(runtime.openedSessions.get("cookie 7000")).toBeDefined();
  });

  it("is one entry for each cookie and one for each session, not one for each request", async () => {
    const world = setUp();
    const browser = await knownVisitor(world);
    stopClock();
    for (let request = 0; request < 6; request++) {
      passSeconds(301); // longer than `recheck`: D1 is asked each time, and its answer remembered
      const stale = browser.cookieHeader();
      for (const path of ["/a", "/b"]) await browser.request(path, { headers: { cookie: stale } });
    }
    expect(world.calls.d1).toBe(6);
    const { openedSessions, checkedSessions } = await runtimeOf(world);
    expect(openedSessions.size).toBe(6);
    expect(checkedSessions.size).toBe(1);
  });

  it("is nothing of a cookie that does not open: a forger takes no room", async () => {
    const world = setUp();
    const sealed = (await knownVisitor(world)).cookies().get(SESSION_COOKIE) ?? "";
    const changed = `${sealed.slice(0, 60)}${sealed[60] === "A" ? "B" : "A"}${sealed.slice(61)}`;
    const another = await knownVisitor(createWorld([site()], { GATEWAY_SECRET: "B".repeat(43) }));
    const foreign = another.cookies().get(SESSION_COOKIE) ?? "";
    const forger = new Browser(world, somebody());
    for (const value of ["a", "b".repeat(100), "c".repeat(3_000), changed, foreign]) {
      forger.jar.set(HOST, new Map([[SESSION_COOKIE, value]]));
      expect((await forger.fetch("/")).status).toBe(401);
    }
    const { openedSessions, knownBrowsers } = await runtimeOf(world);
    expect([openedSessions.size, knownBrowsers.size]).toEqual([1, 1]);
  });

  it("is one entry for each URL up to its query, and none for a host that is not ours or a path that is refused", async () => {
    const world = setUp();
    const browser = await knownVisitor(world);
    const { routes } = await runtimeOf(world);
    const before = routes.size;
    for (const path of ["/page", "/page?id=1", "/page?id=2", "/page?"]) await browser.navigate(path);
    expect(routes.size).toBe(before + 1);
    for (const url of ["https://evil.example.net/", "/a%00", "/a%5cb"]) {
      expect((await browser.request(url)).status).toBeGreaterThanOrEqual(400);
    }
    expect(routes.size).toBe(before + 1);
  });

  it("is no long URL and no long Cookie header: visitors choose them", async () => {
    const world = setUp();
    const browser = await knownVisitor(world);
    const { routes, knownBrowsers } = await runtimeOf(world);
    const before = [routes.size, knownBrowsers.size];
    const long = `${browser.cookieHeader()}; a=${"a".repeat(2_048)}`;
    const response = await browser.request(`/${"a".repeat(600)}`, { headers: { cookie: long } });
    expect(response.status).toBe(200);
    // Long as sent, and long as judged.
    for (const path of [`/${"%61".repeat(200)}`, `/${"\u4e2d".repeat(100)}`]) {
      expect((await world.send(rawRequest(`https://${HOST}${path}`))).status).toBe(401);
    }
    expect([routes.size, knownBrowsers.size]).toEqual(before);
  });

  it("of a browser is its session and the origin's cookies, however many parts its header has", async () => {
    const world = setUp();
    const browser = await knownVisitor(world);
    const cookie = `shop=1; ${browser.cookieHeader()}${";".repeat(1_000)}`;
    const remember = vi.spyOn((await runtimeOf(world)).knownBrowsers, "set");
    for (const path of ["/_wx/me", "/"])
      expect((await browser.request(path, { headers: { cookie } })).status).toBe(200);
    const session = expect.objectContaining({ user: seenByOrigin(world, "x-wx-user") });
    const forOrigin = expect.stringMatching(/^shop=1;[ ;]*$/);
    expect(remember.mock.calls).toEqual([[expect.stringContaining(cookie), { forOrigin, session }]]);
  });

  it("of a browser counts for its own host and its very Cookie header", async () => {
    const world = setUp([site(), site({ host: "club.example.com" })]);
    const browser = await knownVisitor(world);
    const cookie = browser.cookieHeader();
    expect((await browser.request("/", { headers: { cookie } })).status).toBe(200);
    expect((await browser.request("https://club.example.com/", { headers: { cookie } })).status).toBe(401);
    expect((await browser.request("/", { headers: { cookie: cookie.slice(0, -1) } })).status).toBe(401);
    expect((await browser.request("/", { headers: { cookie: cookie.toLowerCase() } })).status).toBe(401);
  });

  it("of a browser counts for its own scheme: over https, a cookie that http can set is nobody's", async () => {
    const world = setUp([site({ http: true })]);
    const browser = new Browser(world, somebody());
    await browser.open(`http://${HOST}/`);
    const headers = { cookie: browser.cookieHeader() };
    for (let visit = 0; visit < 2; visit++) {
      expect((await browser.request(`http://${HOST}/`, { headers })).status).toBe(200);
      expect((await browser.request(`https://${HOST}/`, { headers })).status).toBe(401);
    }
  });

  it("of a URL counts for its own method", async () => {
    const world = setUp([site({ access: "open", rules: [{ path: "/x", methods: ["DELETE"], access: "deny" }] })]);
    const browser = new Browser(world, somebody());
    for (const [method, status] of [
      ["GET", 200],
      ["DELETE", 403],
      ["GET", 200],
      ["DELETE", 403],
      ["delete", 403],
    ] as const) {
      expect((await browser.request("/x", { method })).status, method).toBe(status);
    }
  });

  it("of a browser is everything but time: a session that ends meanwhile is over", async () => {
    const world = setUp([site({ session: { lifetime: "1h" } })]);
    stopClock();
    const browser = await knownVisitor(world);
    const cookie = browser.cookieHeader();
    expect((await browser.request("/", { headers: { cookie } })).status).toBe(200);
    passSeconds(3_601);
    expect((await browser.request("/", { headers: { cookie } })).status).toBe(401);
  });
});
