/**
 * `npm run bench [-- --quick]`: measures the gateway beside a bare pass-through Worker on real workerd and writes
 * bench/report.md. A full run takes about 18 minutes, a quick one about two.
 */

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildGateway } from "./lib/build.ts";
import { stopAll, stopChildrenWithUs } from "./lib/children.ts";
import { commitOf } from "./lib/commit.ts";
import { startGenerator } from "./lib/generator.ts";
import { choosePinning, machineLine } from "./lib/machine.ts";
import { readOptions } from "./lib/options.ts";
import { BENCH, ROOT, WORKERD } from "./lib/paths.ts";
import { setStage } from "./lib/stage.ts";
import { formatReport, type Results } from "./report.ts";
import { measureLogins } from "./sections/logins.ts";
import { measureMemory } from "./sections/memory.ts";
import { measureStartUp } from "./sections/start-up.ts";
import { measureStreams } from "./sections/streams.ts";
import { measureThroughput } from "./sections/throughput.ts";
import { measureSockets } from "./sections/web-sockets.ts";

const HELP = `npm run bench [-- --quick]

Measures the gateway beside a bare pass-through Worker on real workerd and writes bench/report.md. Needs Linux.

  --quick   about two minutes instead of 18; its figures are rough`;

const PLANS = {
  quick: {
    throughput: { pairs: 1, rounds: 10, seconds: 0.5, settleSeconds: 0.25, warmUpSeconds: 1 },
    loginSeconds: 5,
    memory: { requests: 30_000, visitors: 15_000 },
    megabytes: 1_000,
    sockets: 1_000,
    startUps: 7,
  },
  full: {
    throughput: { pairs: 4, rounds: 20, seconds: 0.5, settleSeconds: 0.25, warmUpSeconds: 2 },
    loginSeconds: 20,
    memory: { requests: 1_000_000, visitors: 100_000 },
    megabytes: 1_000,
    sockets: 1_000,
    startUps: 41,
  },
} as const;

const values = readOptions(HELP, { quick: { type: "boolean", default: false } });
if (process.platform !== "linux") {
  console.error("The bench reads CPU and memory from /proc, so it needs Linux (or WSL, or a container).");
  process.exit(2);
}
const mode = values.quick ? "quick" : "full";
const plan = PLANS[mode];
const progress = (text: string) => console.log(text);

stopChildrenWithUs();
try {
  const pinning = choosePinning();
  progress("building as for deployment");
  const commit = commitOf(ROOT);
  const bundle = buildGateway();
  const stage = await setStage(pinning);
  const generator = startGenerator(pinning?.others);

  progress("start-up");
  const startUp = await measureStartUp(stage, bundle, plan.startUps);
  const throughput = await measureThroughput(stage, bundle, generator, plan.throughput, progress);
  progress("logins");
  const logins = await measureLogins(stage, bundle, plan.loginSeconds);
  progress("large bodies");
  const streams = await measureStreams(stage, bundle, plan.megabytes);
  progress("WebSockets");
  const sockets = await measureSockets(stage, bundle, plan.sockets);
  progress(`memory: ${plan.memory.requests} requests of ${plan.memory.visitors} visitors`);
  const memory = await measureMemory(stage, bundle, generator, plan.memory);

  const results: Results = {
    mode,
    date: new Date().toISOString().slice(0, 10),
    commit,
    machine: machineLine(),
    pinned: pinning !== null,
    workerd: spawnSync(WORKERD, ["--version"], { encoding: "utf8" }).stdout.trim(),
    bundle,
    startUp,
    throughput,
    logins,
    memory,
    streams,
    sockets,
  };
  writeFileSync(join(BENCH, "report.md"), formatReport(results));
  progress("bench/report.md is written");
} finally {
  await stopAll();
}
