import { type Generator, type Measured, measure } from "../lib/generator.ts";
import { cpuSeconds, machineBusySeconds } from "../lib/machine.ts";
import { median, sum } from "../lib/numbers.ts";
import { sealedCookies } from "../lib/sessions.ts";
import { NAVIGATION_HEADERS, SCRIPT_HEADERS } from "../lib/settings.ts";
import type { Stage } from "../lib/stage.ts";
import { portOf, type Workerd } from "../lib/workerd.ts";

/** Requests per second, latency and CPU of each way through the gateway, beside the bare Worker's. */

const CONNECTIONS = 64;

export type CaseKey = "bare" | "signedIn" | "open" | "barePlain" | "signedInPlain" | "unauthorized" | "loginRedirect";

type Case = { key: CaseKey; of: "bare" | "gateway"; path: string; headers: Record<string, string>; status: number };

export type Figures = {
  perSecond: number;
  cpuMicros: number;
  p50Ms: number;
  p99Ms: number;
  /** Over the bare Worker's of the same round and path. */
  ratio: { perSecond: number; cpu: number; p50: number; p99: number };
};

export type Throughput = {
  figures: Record<CaseKey, Figures>;
  rounds: number;
  seconds: number;
  /** The busiest that generator and origin together were, as a share of the core that they share. */
  othersShare: number;
  /** Cores that programs outside of the bench used meanwhile: near 0, or the figures are noise. */
  foreignCores: number;
};

export type ThroughputPlan = { rounds: number; seconds: number; warmUpSeconds: number };

export async function measureThroughput(
  stage: Stage,
  workers: { bare: Workerd; gateway: Workerd },
  generator: Generator,
  { rounds, seconds, warmUpSeconds }: ThroughputPlan,
  progress: (text: string) => void,
): Promise<Throughput> {
  const cases = await casesFor(stage);
  const run = (one: Case, duration: number) => {
    const worker = workers[one.of];
    const order = {
      url: `http://127.0.0.1:${portOf(worker)}${one.path}`,
      headers: one.headers,
      connections: CONNECTIONS,
      until: { seconds: duration },
    };
    return measure(generator, order, { worker: worker.pid, origin: stage.origin.pid }, one.status);
  };
  for (const one of cases) await run(one, warmUpSeconds);
  const measured = new Map<CaseKey, Measured[]>(cases.map(({ key }) => [key, []]));
  const pids = [workers.bare, workers.gateway, generator, stage.origin, stage.storage, stage.simulator, process];
  const ours = () => sum(pids.map(({ pid }) => cpuSeconds(pid)));
  const before = { at: performance.now(), foreign: machineBusySeconds() - ours() };
  for (let round = 1; round <= rounds; round++) {
    progress(`throughput: round ${round} of ${rounds}`);
    // Every other round runs backwards: what drifts within a round must not favour the same side each time.
    for (const one of round % 2 === 1 ? cases : cases.toReversed()) {
      measured.get(one.key)?.push(await run(one, seconds));
    }
  }
  const foreignSeconds = machineBusySeconds() - ours() - before.foreign;
  const foreignCores = Math.max(0, foreignSeconds / ((performance.now() - before.at) / 1_000));
  return { ...summarise(cases, measured, rounds, seconds), foreignCores };
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
  rounds: number,
  seconds: number,
): Omit<Throughput, "foreignCores"> {
  const of = (key: CaseKey) => measured.get(key) ?? [];
  const figures = Object.fromEntries(
    cases.map(({ key }) => {
      const own = of(key);
      const base = of(key === "signedInPlain" || key === "barePlain" ? "barePlain" : "bare");
      const value = (field: "perSecond" | "cpuMicros" | "p50Ms" | "p99Ms") => median(own.map((one) => one[field]));
      // Round by round, because the machine's mood changes between rounds more than within one.
      const ratio = (field: "perSecond" | "cpuMicros" | "p50Ms" | "p99Ms") =>
        median(own.map((one, round) => one[field] / (base[round]?.[field] ?? Number.NaN)));
      const result: Figures = {
        perSecond: value("perSecond"),
        cpuMicros: value("cpuMicros"),
        p50Ms: value("p50Ms"),
        p99Ms: value("p99Ms"),
        ratio: { perSecond: ratio("perSecond"), cpu: ratio("cpuMicros"), p50: ratio("p50Ms"), p99: ratio("p99Ms") },
      };
      return [key, result];
    }),
  ) as Record<CaseKey, Figures>;
  const shares = [...measured.values()].map((all) => median(all.map((one) => one.generatorShare + one.originShare)));
  return { figures, rounds, seconds, othersShare: Math.max(...shares) };
}
