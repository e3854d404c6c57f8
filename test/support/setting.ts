import { env as bindings } from "cloudflare:workers";
import { afterEach, expect, vi } from "vitest";
import type { Env } from "../../src/env.ts";
import { createWorld, type OriginRequest, type SiteInput, type World } from "./world.ts";

/**
 * What the login's tests share. Every world made here is looked through after its test: no secret may stand in a log
 * line, on a page of ours or in a Location.
 */

type Answered = { path: string; status: number; location: string | null; body: string };
type Watched = { world: World; answers: Answered[]; cookieValues: Set<string> };

const watched: Watched[] = [];

/** A world whose log lines and own answers are looked through after the test. */
export function setUp(sites?: SiteInput[], more?: Record<string, unknown>): World {
  const world = createWorld(sites, more);
  const entry: Watched = { world, answers: [], cookieValues: new Set() };
  const { send } = world;
  world.send = async (request) => {
    const response = await send(request);
    noteCookies(entry.cookieValues, response);
    const isOwn = response.headers.get("x-robots-tag") === "noindex";
    entry.answers.push({
      path: new URL(request.url).pathname,
      status: response.status,
      location: response.headers.get("location"),
      body: isOwn ? await response.clone().text() : "",
    });
    return response;
  };
  watched.push(entry);
  return world;
}

/** Puts everything back after each test and looks through what the test's worlds said. */
export function cleanUp(): void {
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
    for (const entry of watched.splice(0)) expect(leaksOf(entry)).toEqual([]);
  });
}

/** Sealed values only; a site's own short cookies are not ours to keep secret. */
function noteCookies(values: Set<string>, response: Response): void {
  for (const line of response.headers.getSetCookie()) {
    const value = /^(?:__Host-)?wx[^=]*=([^;]{20,})/.exec(line)?.[1];
    if (value !== undefined) values.add(value);
  }
}

/** Everything of a world that nobody but WeChat, the browser and the origin may learn. */
function secretsOf({ world, cookieValues }: Watched): { always: Set<string>; codes: Set<string> } {
  const { state } = world.simulator;
  const always = new Set<string>(cookieValues);
  const codes = new Set<string>();
  for (const [code, { grant }] of state.codes) {
    codes.add(code);
    always.add(grant.openid);
    if (grant.unionid !== null) always.add(grant.unionid);
  }
  for (const [token] of state.accessTokens) always.add(token);
  for (const [token] of state.refreshTokens) always.add(token);
  for (const name of ["GATEWAY_SECRET", "WECHAT_APP_SECRET", "OTHER_SECRET"]) always.add(String(world.env[name]));
  const { keys } = JSON.parse(String(world.env.ASSERTION_KEYS)) as { keys: { d: string }[] };
  for (const { d } of keys) always.add(d);
  return { always, codes };
}

/** Where this world's secrets were said aloud so far. */
export function leaksIn(world: World): string[] {
  return watched.filter((entry) => entry.world === world).flatMap(leaksOf);
}

function leaksOf(entry: Watched): string[] {
  const { always, codes } = secretsOf(entry);
  const leaks: string[] = [];
  const look = (where: string, text: string, sets: Set<string>[]) => {
    // Secrets are runs of these characters, and all are longer than 15.
    for (const word of text.match(/[A-Za-z0-9_-]{16,}/g) ?? []) {
      if (sets.some((set) => set.has(word))) leaks.push(`${where}: ${text.slice(0, 200)}`);
    }
  };
  for (const line of entry.world.logLines) look("log line", JSON.stringify(line), [always, codes]);
  for (const { path, status, location, body } of entry.answers) {
    // `/_wx/me` and the management API say who is who; the relay of a callback carries its code on. All by contract.
    if (path !== "/_wx/me" && !path.startsWith("/_wx/api/v1/"))
      look(`body of ${path} (${status})`, body, [always, codes]);
    const isRelay = path === "/_wx/callback" && location !== null && location.includes("/_wx/callback?");
    const isToWechat = location?.startsWith("https://open.weixin.qq.com/") === true;
    if (location !== null) look(`Location of ${path}`, location, isRelay && !isToWechat ? [always] : [always, codes]);
  }
  return leaks;
}

/** D1 behind the counters: what a test itself looks up is not counted. */
export const database = (bindings as unknown as Env).DB;
export const tokenStore = (bindings as unknown as Env).TOKENS;

export async function rows<Row = Record<string, unknown>>(sql: string, ...values: unknown[]): Promise<Row[]> {
  return (
    await database
      .prepare(sql)
      .bind(...values)
      .all<Row>()
  ).results;
}

export async function rowCounts(): Promise<Record<string, number>> {
  const tables = ["users", "bindings", "sessions", "logins"];
  const counts = await Promise.all(tables.map((table) => rows<{ n: number }>(`SELECT count(*) AS n FROM ${table}`)));
  return Object.fromEntries(tables.map((table, index) => [table, counts[index]?.[0]?.n ?? -1]));
}

let people = 0;
/** Somebody whom no other test has met: D1 is shared by the tests of a file. */
export function somebody(): string {
  people++;
  return `test-somebody-${people}`;
}

/** Forgets what was counted so far. */
export function startCounting(world: World): void {
  Object.assign(world.calls, { d1: 0, kvGet: 0, kvPut: 0, kvDelete: 0 });
  world.wechatCalls.length = 0;
}

export const NO_IO = { d1: 0, kvGet: 0, kvPut: 0, kvDelete: 0 };

export function lastOriginRequest(world: World): OriginRequest {
  const last = world.originRequests.at(-1);
  if (last === undefined) throw new Error("nothing reached the origin");
  return last;
}

/** What the origin learnt last, by header. */
export function seenByOrigin(world: World, name: string): string | null {
  return lastOriginRequest(world).headers.get(name);
}

export function locationOf(response: Response): string {
  const location = response.headers.get("location");
  if (location === null) throw new Error(`no redirect, but ${response.status}`);
  return location;
}

/** The parameters of an authorize URL and of its redirect_uri. */
export function authorizeRequest(location: string) {
  const url = new URL(location);
  expect(url.origin + url.pathname).toBe("https://open.weixin.qq.com/connect/oauth2/authorize");
  const redirectUri = new URL(url.searchParams.get("redirect_uri") ?? "");
  return { state: url.searchParams.get("state") ?? "", scope: url.searchParams.get("scope"), redirectUri };
}

export type SetCookie = { value: string; attributes: string[] };

/** The Set-Cookie lines of an answer, by name; the last one of a name wins, as in a browser. */
export function cookiesSet(response: Response): Map<string, SetCookie> {
  const cookies = new Map<string, SetCookie>();
  for (const line of response.headers.getSetCookie()) {
    const [pair = "", ...attributes] = line.split(/;\s*/);
    const cut = pair.indexOf("=");
    cookies.set(pair.slice(0, cut), { value: pair.slice(cut + 1), attributes });
  }
  return cookies;
}

export const SESSION_COOKIE = "__Host-wx";
export const SIGNED_OUT_COOKIE = "__Host-wx_out";

/** Log lines that say so much, in their order. */
export function logged(world: World, fields: Record<string, unknown>): Record<string, unknown>[] {
  return world.logLines.filter((line) => Object.entries(fields).every(([name, value]) => line[name] === value));
}

/** Stops the gateway's and the simulator's clock; D1 and KV do not care. */
export function stopClock(): void {
  vi.useFakeTimers({ toFake: ["Date"] });
  // On a whole second: lifetimes are counted in seconds.
  vi.setSystemTime(Math.floor(Date.now() / 1_000) * 1_000);
}

export function passSeconds(seconds: number): void {
  vi.setSystemTime(Date.now() + seconds * 1_000);
}

/** A D1 that fails every call, as it does when it is down. */
export function brokenDatabase(message = "D1_ERROR: Network connection lost."): D1Database {
  const fail = () => Promise.reject(new Error(message));
  const statement = { bind: () => statement, first: fail, run: fail, all: fail, raw: fail };
  return { prepare: () => statement, batch: fail, exec: fail } as unknown as D1Database;
}

/** A D1 or KV whose calls never end. */
export function hangingDatabase(): D1Database {
  const hang = () => new Promise(() => undefined);
  const statement = { bind: () => statement, first: hang, run: hang, all: hang, raw: hang };
  return { prepare: () => statement, batch: hang, exec: hang } as unknown as D1Database;
}

/** A database that answers every single read so much later. */
export function slowDatabase(healthy: D1Database, delayMs: number): D1Database {
  const slow = (statement: D1PreparedStatement): D1PreparedStatement =>
    new Proxy(statement, {
      get(target, property) {
        if (property === "bind") return (...values: unknown[]) => slow(target.bind(...values));
        if (property !== "first") return Reflect.get(target, property);
        return async () => {
          await new Promise((resolve) => setTimeout(resolve, delayMs));
          return target.first();
        };
      },
    });
  return new Proxy(healthy, {
    get(target, property) {
      if (property === "prepare") return (sql: string) => slow(target.prepare(sql));
      const value: unknown = Reflect.get(target, property);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

export function brokenNamespace(): KVNamespace {
  const fail = () => Promise.reject(new Error("KV GET failed: 500"));
  return { get: fail, put: fail, delete: fail, list: fail } as unknown as KVNamespace;
}

/** Waits that the gateway asks for end at once: polling and timeouts cost a test nothing. */
export function shortenWaits(): number[] {
  const asked: number[] = [];
  const real = globalThis.setTimeout;
  vi.spyOn(globalThis, "setTimeout").mockImplementation(((work: () => void, ms = 0) => {
    asked.push(ms);
    return real(work, Math.min(ms, 2));
  }) as typeof setTimeout);
  return asked;
}

/**
 * Timeouts of calls to WeChat in the test's hand: `asked` holds how long each call may take, `expire` lets that time
 * pass for the last one.
 */
export function holdTimeouts(): { asked: number[]; expire: () => void } {
  const asked: number[] = [];
  const controllers: AbortController[] = [];
  vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) => {
    const controller = new AbortController();
    asked.push(ms);
    controllers.push(controller);
    return controller.signal;
  });
  return {
    asked,
    expire: () => {
      vi.setSystemTime(Date.now() + (asked.at(-1) ?? 0));
      controllers.at(-1)?.abort(new DOMException("The operation timed out.", "TimeoutError"));
    },
  };
}

/** Lets pending work go on until it is so; a limit of turns instead of time. */
export async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 2_000; turn++) {
    if (isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  throw new Error("it never came to be so");
}

/** Nothing runs out of time: for tests that are about many at once, on whatever machine they run. */
export function allowTime(): void {
  stopClock();
  holdTimeouts();
  const real = globalThis.setTimeout;
  vi.spyOn(globalThis, "setTimeout").mockImplementation(((work: () => void, ms = 0) =>
    real(work, ms < 500 ? ms : ms * 20)) as typeof setTimeout);
}
