import { describe, expect, it, vi } from "vitest";
import { loadRuntime } from "../src/load-runtime.ts";
import type { Runtime } from "../src/runtime.ts";
import { Browser } from "./support/browser.ts";
import {
  cleanUp,
  NO_IO,
  passSeconds,
  SESSION_COOKIE,
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
  it("copies headers once, uses no key, asks nobody but the origin, and hands its answer on as it is", async () => {
    const world = createWorld();
    const page = closedPage();
    const { costs, response } = await costsOf(world, await knownVisitor(world), "/shop?id=1", page);
    expect(response).toBe(page);
    expect(costs).toEqual({ Headers: 1, Request: 0, Response: 0, crypto: [], fetches: 1 });
    expect(world.calls).toEqual(NO_IO);
  });

  it("copies the answer once, without its body, where a header must change", async () => {
    const world = createWorld();
    const page = new Response("x", { headers: { "content-type": "text/html" } });
    const { body } = page;
    const { costs, response } = await costsOf(world, await knownVisitor(world), "/", page);
    expect(costs).toEqual({ Headers: 1, Request: 0, Response: 1, crypto: [], fetches: 1 });
    expect(response.headers.get("cache-control")).toBe("private, no-cache");
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
    expect(costs).toEqual({ Headers: 1, Request: 0, Response: 0, crypto: [], fetches: 1 });
  });
});

describe("a signed-in request of a visitor whom this isolate has not met", () => {
  it("opens one cookie and signs one assertion, still without any I/O", async () => {
    const { world, browser } = await atAnotherIsolate(await knownVisitor(createWorld()));
    const { costs } = await costsOf(world, browser, "/", closedPage());
    expect(world.calls).toEqual(NO_IO);
    expect(costs).toEqual({ Headers: 1, Request: 0, Response: 0, crypto: ["decrypt", "sign"], fetches: 1 });
  });
});

describe("what an isolate remembers", () => {
  async function runtimeOf(world: World): Promise<Runtime> {
    const loaded = await loadRuntime(world.env);
    if (!loaded.ok) throw new Error("the configuration of the tests is right");
    return loaded.runtime;
  }

  it("is bounded, however many visitors pass: 5,000 opened cookies and 5,000 checked sessions", async () => {
    const runtime = await runtimeOf(setUp());
    for (let visitor = 0; visitor < 12_000; visitor++) {
      runtime.openedSessions.set(`cookie ${visitor}`, {} as never);
      runtime.checkedSessions.set(`sid ${visitor}`, { checkedAt: 0, session: null });
    }
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
    expect((await runtimeOf(world)).openedSessions.size).toBe(1);
  });
});
