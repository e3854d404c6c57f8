import { describe, expect, it, vi } from "vitest";
import { loadRuntime } from "../src/load-runtime.ts";
import type { Runtime } from "../src/runtime.ts";
import { Browser } from "./support/browser.ts";
import { cleanUp, NO_IO, SESSION_COOKIE, setUp, somebody, startCounting } from "./support/setting.ts";
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
    expect(world.wechatCalls).toEqual([]);
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

describe("a request on an `open` path", () => {
  it("costs the same one copy, and opens no cookie", async () => {
    const world = createWorld([site({ rules: [{ path: "/open/*", access: "open" }] })]);
    const browser = await knownVisitor(world);
    const page = closedPage();
    const { costs, response } = await costsOf(world, browser, "/open/page", page);
    expect(response).toBe(page);
    expect(costs).toEqual({ Headers: 1, Request: 0, Response: 0, crypto: [], fetches: 1 });
  });
});

describe("a signed-in request of a visitor whom this isolate has not met", () => {
  it("opens one cookie and signs one assertion, still without any I/O", async () => {
    const known = await knownVisitor(createWorld());
    const elsewhere = createWorld();
    await loadRuntime(elsewhere.env);
    const browser = new Browser(elsewhere, known.person);
    browser.jar.set(HOST, new Map(known.cookies()));
    const { costs } = await costsOf(elsewhere, browser, "/", closedPage());
    expect(elsewhere.calls).toEqual(NO_IO);
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

  it("is one entry for each cookie that was opened, not for each request", async () => {
    const world = setUp();
    const browser = await knownVisitor(world);
    for (let request = 0; request < 20; request++) await browser.navigate(`/page-${request}`);
    const { openedSessions, checkedSessions } = await runtimeOf(world);
    expect(openedSessions.size).toBe(1);
    expect(checkedSessions.size).toBeLessThanOrEqual(1);
  });

  it("is nothing of a cookie that does not open: a forger takes no room", async () => {
    const world = setUp();
    await knownVisitor(world);
    const forger = new Browser(world, somebody());
    for (const value of ["a", "b".repeat(100), "c".repeat(3_000)]) {
      forger.jar.set(HOST, new Map([[SESSION_COOKIE, value]]));
      expect((await forger.fetch("/")).status).toBe(401);
    }
    expect((await runtimeOf(world)).openedSessions.size).toBe(1);
  });
});
