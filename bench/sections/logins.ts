import type { Bundle } from "../lib/build.ts";
import { HttpClient } from "../lib/http-client.ts";
import { cpuSeconds } from "../lib/machine.ts";
import type { Stage } from "../lib/stage.ts";
import { Visitor } from "../lib/visitor.ts";
import { portOf } from "../lib/workerd.ts";
import { startGateway, startInstrumented } from "../lib/workers.ts";

/** Whole logins: the page, WeChat's redirect, the callback with its code exchange and its D1 batch. */

type LoginRates = {
  perSecond: number;
  /** Milliseconds of CPU for each login, by who spends them. */
  cpuMs: { gateway: number; storage: number; simulator: number; driver: number };
};

/** What one login does to D1 and KV, counted by the bindings themselves. */
export type LoginCounts = {
  d1Calls: number;
  statements: number;
  rowsRead: number;
  rowsWritten: number;
  /** Within SQLite, as of the machine. */
  sqlMs: number;
  kvGets: number;
  kvPuts: number;
};

export type Logins = {
  seconds: number;
  silent: LoginRates;
  counts: Record<"silentNewUser" | "silentKnownUser" | "profileKnownUser", LoginCounts>;
};

const PARALLEL = 32;
const COUNTED = 50;
/** Callers of the two runs must not meet: another visitor is another user. */
const COUNTED_FROM = 5_000_000;

export async function measureLogins(stage: Stage, bundle: Bundle, seconds: number): Promise<Logins> {
  return { seconds, silent: await silentRate(stage, bundle, seconds), counts: await count(stage, bundle) };
}

async function silentRate(stage: Stage, bundle: Bundle, seconds: number): Promise<LoginRates> {
  const gateway = await startGateway(stage, bundle);
  const http = new HttpClient(PARALLEL);
  const ports = { gateway: portOf(gateway), simulator: stage.simulatorPort };
  let next = 0;
  const signInUntil = async (end: number) => {
    let done = 0;
    const one = async () => {
      while (performance.now() < end) {
        await signIn(new Visitor(http, ports, next++), "/page");
        done++;
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, one));
    return done;
  };
  await signInUntil(performance.now() + 1_000);
  const pids = [gateway.pid, stage.storage.pid, stage.simulator.pid, process.pid];
  const before = pids.map(cpuSeconds);
  const start = performance.now();
  const done = await signInUntil(start + seconds * 1_000);
  const elapsed = (performance.now() - start) / 1_000;
  const [gatewayMs = 0, storage = 0, simulator = 0, driver = 0] = pids.map(
    (pid, index) => ((cpuSeconds(pid) - (before[index] ?? 0)) / done) * 1_000,
  );
  http.close();
  await gateway.stop();
  return { perSecond: done / elapsed, cpuMs: { gateway: gatewayMs, storage, simulator, driver } };
}

async function signIn(visitor: Visitor, path: string): Promise<void> {
  const { status, headers, body } = await visitor.signIn(path);
  if (status !== 302 || headers.location !== `${path}#`) throw new Error(`no login: ${status} ${body.slice(0, 300)}`);
}

async function count(stage: Stage, bundle: Bundle): Promise<Logins["counts"]> {
  const worker = await startInstrumented(stage, bundle);
  const http = new HttpClient(8);
  const ports = { gateway: portOf(worker), simulator: stage.simulatorPort };
  const visitors = (from: number) =>
    Array.from({ length: COUNTED }, (_, index) => new Visitor(http, ports, from + index));
  const read = async () => {
    const answer = await http.ask({ port: ports.gateway, path: "/instrumented/counts", headers: {} });
    return JSON.parse(answer.body) as LoginCounts;
  };
  const counted = async (each: (visitor: Visitor) => Promise<void>): Promise<LoginCounts> => {
    const before = await read();
    for (const visitor of visitors(COUNTED_FROM)) await each(visitor);
    const after = await read();
    const difference = (key: keyof LoginCounts) => (after[key] - before[key]) / COUNTED;
    return {
      d1Calls: difference("d1Calls"),
      statements: difference("statements"),
      rowsRead: difference("rowsRead"),
      rowsWritten: difference("rowsWritten"),
      sqlMs: difference("sqlMs"),
      kvGets: difference("kvGets"),
      kvPuts: difference("kvPuts"),
    };
  };
  const silent = (visitor: Visitor) => signIn(visitor, "/page");
  const counts = {
    silentNewUser: await counted(silent),
    silentKnownUser: await counted(silent),
    profileKnownUser: await counted(async (visitor) => {
      const answer = await visitor.ask(await visitor.upToProfileCallback("/profile/page"));
      if (answer.headers.location !== "/profile/page#")
        throw new Error(`no profile login: ${answer.status} ${answer.body}`);
    }),
  };
  http.close();
  await worker.stop();
  return counts;
}
