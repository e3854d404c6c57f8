import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env as bindings } from "cloudflare:workers";
import { exportJWK, generateKeyPair } from "jose";
import { vi } from "vitest";
import { createSimulator } from "../../simulator/app.ts";
import { SECOND_DROP } from "../../src/api/delete-user.ts";
import type { Env } from "../../src/env.ts";
import worker from "../../src/index.ts";
import { type Counters, countingDatabase, countingNamespace } from "./counters.ts";

/**
 * A gateway with its surroundings, all real: the Worker's own handler in workerd, D1 and KV through counting
 * wrappers, the WeChat simulator, and an origin that records every request. Only the network between them is a
 * function call.
 */

export const HOST = "shop.example.com";
export const APP_ID = "wx0123456789abcdef";
export const OTHER_APP_ID = "wxfedcba9876543210";

export type SiteInput = Record<string, unknown>;
export type OriginRequest = { url: string; method: string; headers: Headers; body: string; cache: string | undefined };
export type Origin = (request: Request) => Response | Promise<Response>;

export type World = {
  env: Env;
  simulator: ReturnType<typeof createSimulator>;
  /** Every request that reached an origin. */
  originRequests: OriginRequest[];
  calls: Counters;
  /** Requests that reached `api.weixin.qq.com`, by path. */
  wechatCalls: string[];
  /** The parsed JSON log lines. */
  logLines: Record<string, unknown>[];
  /** What the origin answers from now on. */
  setOrigin: (origin: Origin) => void;
  /** Sends a request to the gateway and waits for its `waitUntil` work. */
  send: (request: Request) => Promise<Response>;
  control: (path: string, body: unknown) => Promise<void>;
  /** From now on another world's WeChat: two versions of the gateway in front of one. */
  useSimulator: (other: World["simulator"]) => void;
};

const signingKey = await generateKeyPair("ES256", { extractable: true });
const ASSERTION_KEYS = JSON.stringify({ keys: [{ ...(await exportJWK(signingKey.privateKey)), alg: "ES256" }] });
const GATEWAY_SECRET = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

export const site = (more: SiteInput = {}): SiteInput => ({ host: HOST, origin: "zone", app_id: APP_ID, ...more });

/** A world of its own: nothing is shared but D1's and KV's storage, which each test file has for itself. */
export function createWorld(sites: SiteInput[] = [site()], more: Record<string, unknown> = {}): World {
  // A deletion drops the tokens a second time some seconds later, which every `send` would wait for.
  SECOND_DROP.afterMs = 0;
  let simulator = createSimulator({ now: () => Date.now() });
  const calls: Counters = { d1: 0, kvGet: 0, kvPut: 0, kvDelete: 0 };
  const originRequests: OriginRequest[] = [];
  const wechatCalls: string[] = [];
  const logLines: Record<string, unknown>[] = [];
  let origin: Origin = () => new Response("origin's page", { headers: { "content-type": "text/plain" } });

  const raw = bindings as unknown as Env;
  const env = {
    ...raw,
    DB: countingDatabase(raw.DB, calls),
    TOKENS: countingNamespace(raw.TOKENS, calls),
    SITES: sites,
    GATEWAY_SECRET,
    ASSERTION_KEYS,
    WECHAT_APP_SECRET: "00112233445566778899aabbccddeeff",
    OTHER_SECRET: "ffeeddccbbaa99887766554433221100",
    ...more,
  } as Env;

  vi.stubGlobal("fetch", async (input: RequestInfo, init?: RequestInit) => {
    const request = new Request(input, init);
    const { hostname, pathname } = new URL(request.url);
    if (hostname === "api.weixin.qq.com") {
      wechatCalls.push(pathname);
      return abortable(simulator.app.fetch(request), request.signal);
    }
    const copy = request.clone();
    originRequests.push({
      url: request.url,
      method: request.method,
      headers: request.headers,
      body: request.method === "GET" || request.method === "HEAD" ? "" : await copy.text(),
      cache: init?.cache,
    });
    return origin(request);
  });
  for (const level of ["log", "warn", "error"] as const) {
    vi.spyOn(console, level).mockImplementation((line: unknown) => {
      if (typeof line === "string" && line.startsWith("{")) logLines.push(JSON.parse(line));
    });
  }

  return {
    env,
    get simulator() {
      return simulator;
    },
    useSimulator: (other) => {
      simulator = other;
    },
    originRequests,
    calls,
    wechatCalls,
    logLines,
    setOrigin: (next) => {
      origin = next;
    },
    send: async (request) => {
      const ctx = createExecutionContext();
      const response = await worker.fetch(request as Parameters<typeof worker.fetch>[0], env, ctx);
      await waitOnExecutionContext(ctx);
      return response;
    },
    control: async (path, body) => {
      const answer = await simulator.app.request(path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      if (!answer.ok) throw new Error(`control refused: ${await answer.text()}`);
    },
  };
}

/** As real fetch: an aborted request rejects even though its handler goes on. */
function abortable(answer: Response | Promise<Response>, signal: AbortSignal): Promise<Response> {
  const aborted = new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  return Promise.race([Promise.resolve(answer), aborted]);
}
