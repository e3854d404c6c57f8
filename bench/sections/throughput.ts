import type { Bundle } from "../lib/build.ts";
import { type Generator, type Measured, measure } from "../lib/generator.ts";
import { cpuSeconds, machineBusySeconds } from "../lib/machine.ts";
import { median, percentile, shuffled, sum, uncertaintyOver } from "../lib/numbers.ts";
import { sealedCookies } from "../lib/sessions.ts";
import { NAVIGATION_HEADERS, SCRIPT_HEADERS } from "../lib/settings.ts";
import type { Stage } from "../lib/stage.ts";
import { portOf, type Workerd } from "../lib/workerd.ts";
import { startBare, startGateway } from "../lib/workers.ts";

/** Requests per second, latency and CPU of each way through the gateway, beside the bare Worker's. */

const CONNECTIONS = 64;

type CaseKey = "bare" | "signedIn" | "open" | "barePlain" | "signedInPlain" | "unauthorized" | "loginRedirect";

type Workers = { bare: Workerd; gateway: Workerd };

type Case = { key: CaseKey; of: "bare" | "gateway"; path: string; headers: Record<string, string>; status: number };

/**
 * Of all rounds together, not the median of rounds: garbage is collected once in many rounds, and a median would leave
 * it out (docs/decisions/0022).
 */
export type Totals = { perSecond: number; cpuMicros: number; p50Ms: number; p99Ms: number };

type Figures = Totals & {
  /** Over the bare Worker's on the same path. */
  ratio: Totals;
  /** Of those ratios, half the width of their 95 % interval. */
  uncertainty: Totals;
};

export type Throughput = {
  figures: Record<CaseKey, Figures>;
  plan: ThroughputPlan;
  /** The busiest that generator and origin together were, as a share of the core that they share. */
  othersShare: number;
  /** Cores that programs outside of the bench used meanwhile: near 0, or the figures are noise. */
  foreignCores: number;
};

type ThroughputPlan = {
  /** Fresh processes so many times: a process keeps the luck of its memory's layout (5 % were seen between twins). */
  pairs: number;
  /** Rounds for each pair. Many short ones: the machine's mood changes within seconds. */
  rounds: number;
  seconds: number;
  settleSeconds: number;
  warmUpSeconds: number;
};

export async function measureThroughput(
  stage: Stage,
  bundle: Bundle,
  generator: Generator,
  plan: ThroughputPlan,
  progress: (text: string) => void,
): Promise<Throughput> {
  const cases = await casesFor(stage);
  const measured = new Map<CaseKey, Measured[]>(cases.map(({ key }) => [key, []]));
  const ours = (workers: Workers) => {
    const pids = [workers.bare, workers.gateway, generator, stage.origin, stage.storage, stage.simulator, process];
    return sum(pids.map(({ pid }) => cpuSeconds(pid)));
  };
  let foreignSeconds = 0;
  let measuredMs = 0;
  for (let pair = 1; pair <= plan.pairs; pair++) {
    const workers: Workers = { bare: await startBare(stage), gateway: await startGateway(stage, bundle) };
    const run = (one: Case, seconds: number) => runCase(stage, workers, generator, one, seconds, plan.settleSeconds);
    for (const one of cases) await run(one, plan.warmUpSeconds);
    progress(`throughput: pair ${pair} of ${plan.pairs} is warm`);
    const before = { at: performance.now(), foreign: machineBusySeconds() - ours(workers) };
    for (let round = 1; round <= plan.rounds; round++) {
      // In another order each time: what drifts within a round, and who ran just before, must favour no side.
      for (const one of shuffled(cases)) {
        measured.get(one.key)?.push(await run(one, plan.seconds));
      }
    }
    foreignSeconds += machineBusySeconds() - ours(workers) - before.foreign;
    measuredMs += performance.now() - before.at;
    await Promise.all([workers.bare.stop(), workers.gateway.stop()]);
  }
  const foreignCores = Math.max(0, foreignSeconds / (measuredMs / 1_000));
  return { ...summarise(cases, measured, plan), foreignCores };
}

function runCase(
  stage: Stage,
  workers: Workers,
  generator: Generator,
  one: Case,
  seconds: number,
  afterSeconds: number,
): Promise<Measured> {
  const worker = workers[one.of];
  const order = {
    url: `http://127.0.0.1:${portOf(worker)}${one.path}`,
    headers: one.headers,
    connections: CONNECTIONS,
    until: { seconds, afterSeconds },
  };
  return measure(generator, order, { worker: worker.pid, origin: stage.origin.pid }, one.status);
}

async function casesFor(stage: Stage): Promise<Case[]> {
  const [cookie = ""] = await sealedCookies({ count: 1, gatewaySecret: stage.keys.gatewaySecret });
  const signedIn = { ...NAVIGATION_HEADERS, cookie };
  const all: Case[] = [
    { key: "bare", of: "bare", path: "/page", headers: signedIn, status: 200 },
    { key: "signedIn", of: "gateway", path: "/page", headers: signedIn, status: 200 },
    { key: "open", of: "gateway", path: "/open/page", headers: signedIn, status: 200 },
    { key: "unauthorized", of: "gateway", path: "/page", headers: { ...SCRIPT_HEADERS }, status: 401 },
    { key: "loginRedirect", of: "gateway", path: "/page", headers: { ...NAVIGATION_HEADERS }, status: 302 },
    { key: "barePlain", of: "bare", path: "/plain/page", headers: signedIn, status: 200 },
    { key: "signedInPlain", of: "gateway", path: "/plain/page", headers: signedIn, status: 200 },
  ];
  return all;
}

function summarise(
  cases: readonly Case[],
  measured: ReadonlyMap<CaseKey, readonly Measured[]>,
  plan: ThroughputPlan,
): Omit<Throughput, "foreignCores"> {
  const of = (key: CaseKey) => measured.get(key) ?? [];
  const figures = Object.fromEntries(
    cases.map(({ key }) => [key, figuresOf(of(key), of(key.endsWith("Plain") ? "barePlain" : "bare"))]),
  ) as Record<CaseKey, Figures>;
  const shares = [...measured.values()].map((all) => median(all.map((one) => one.generatorShare + one.originShare)));
  return { figures, plan, othersShare: Math.max(...shares) };
}

function figuresOf(own: readonly Measured[], base: readonly Measured[]): Figures {
  const ratioOf = (rounds: readonly number[], field: keyof Totals) =>
    totalOf(own, rounds, field) / totalOf(base, rounds, field);
  const all = own.map((_, round) => round);
  const each = (value: (field: keyof Totals) => number): Totals => ({
    perSecond: value("perSecond"),
    cpuMicros: value("cpuMicros"),
    p50Ms: value("p50Ms"),
    p99Ms: value("p99Ms"),
  });
  return {
    ...each((field) => totalOf(own, all, field)),
    ratio: each((field) => ratioOf(all, field)),
    uncertainty: each((field) => uncertaintyOver(all.length, (drawn) => ratioOf(drawn, field))),
  };
}

/** @param rounds which of them, each as often as it is named */
function totalOf(measured: readonly Measured[], rounds: readonly number[], field: keyof Totals): number {
  const chosen = rounds.flatMap((round) => measured[round] ?? []);
  const requests = sum(chosen.map((one) => one.requests));
  switch (field) {
    case "perSecond":
      return requests / sum(chosen.map(({ seconds }) => seconds));
    case "cpuMicros":
      return (sum(chosen.map(({ workerSeconds }) => workerSeconds)) / requests) * 1e6;
    case "p50Ms":
      return percentile(
        chosen.flatMap(({ latenciesMs }) => latenciesMs),
        0.5,
      );
    case "p99Ms":
      return percentile(
        chosen.flatMap(({ latenciesMs }) => latenciesMs),
        0.99,
      );
  }
}
