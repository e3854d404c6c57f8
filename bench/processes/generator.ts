/**
 * The load generator, in a process of its own: it takes orders from its parent, runs autocannon, and says what came
 * back. Latencies are taken from its events, because its histogram knows whole milliseconds only.
 */

import autocannon from "autocannon";
import { sealedCookies, type Visitors } from "../lib/sessions.ts";

export type Order = {
  url: string;
  headers: Record<string, string>;
  connections: number;
  /**
   * How long, or how many requests. What comes before `afterSeconds` is not counted: 64 connections that open at once
   * are 1 % of a round, and so would be its p99.
   */
  until: { seconds: number; afterSeconds?: number } | { requests: number };
  /** Each request is another visitor's, in turn. */
  visitors?: Visitors;
};

export type Outcome = {
  requests: number;
  seconds: number;
  statuses: Record<string, number>;
  errors: number;
  latenciesMs: number[];
};

/** More would only fill memory: percentiles do not get better by it. */
const LATENCIES_MAX = 500_000;
const TIMEOUT_SECONDS = 20;

process.on("message", (order: Order) => {
  run(order).then(
    (outcome) => process.send?.({ outcome }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));

async function run({ url, headers, connections, until, visitors }: Order): Promise<Outcome> {
  const cookies = visitors === undefined ? [] : await sealedCookies(visitors);
  const settleMs = "seconds" in until ? (until.afterSeconds ?? 0) * 1_000 : 0;
  let next = 0;
  const setupRequest = (request: { headers: Record<string, string> }) => {
    const cookie = cookies[next++ % cookies.length] ?? "";
    return { ...request, headers: { ...request.headers, cookie } };
  };
  const latenciesMs: number[] = [];
  let responses = 0;
  let start = Number.POSITIVE_INFINITY;
  let end = 0;
  const begin = () => {
    start = performance.now();
    process.send?.({ ready: true });
  };
  if (settleMs === 0) begin();
  else setTimeout(begin, settleMs);
  const result = await new Promise<{ errors: number; statusCodeStats: Record<string, { count: number }> }>(
    (resolve, reject) => {
      const instance = autocannon(
        {
          url,
          headers,
          connections,
          ...("seconds" in until ? { duration: until.seconds + settleMs / 1_000 } : { amount: until.requests }),
          sampleInt: 100,
          timeout: TIMEOUT_SECONDS,
          ...(cookies.length === 0 ? {} : { requests: [{ setupRequest }] }),
        },
        (error, done) => {
          // Not the last response's time: a Worker that stands still at the end of its round has used up that time, too.
          end = performance.now();
          if (error === null) resolve(done);
          else reject(error);
        },
      );
      instance.on("response", (_client: unknown, _status: number, _bytes: number, ms: number) => {
        if (performance.now() < start) return;
        responses++;
        if (latenciesMs.length < LATENCIES_MAX) latenciesMs.push(ms);
      });
    },
  );
  const statuses = Object.fromEntries(Object.entries(result.statusCodeStats).map(([code, { count }]) => [code, count]));
  return {
    requests: responses,
    seconds: (end - start) / 1_000,
    statuses,
    errors: result.errors,
    latenciesMs,
  };
}
