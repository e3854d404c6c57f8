import { GATEWAY_CEILING_BYTES } from "../scripts/lib/bundle-parts.ts";
import type { Bundle } from "./lib/build.ts";
import { plot } from "./lib/plot.ts";
import type { LoginCounts, Logins } from "./sections/logins.ts";
import type { Memory } from "./sections/memory.ts";
import type { StartUp } from "./sections/start-up.ts";
import type { Streams } from "./sections/streams.ts";
import type { Throughput, Totals } from "./sections/throughput.ts";
import type { Sockets } from "./sections/web-sockets.ts";

/** The report: ratios first, because only what was measured side by side can be compared. */

export type Results = {
  mode: "quick" | "full";
  date: string;
  /** `null` = not known. */
  commit: string | null;
  machine: string;
  pinned: boolean;
  workerd: string;
  bundle: Bundle;
  startUp: StartUp;
  throughput: Throughput;
  logins: Logins;
  memory: Memory;
  streams: Streams;
  sockets: Sockets;
};

/** `reached: null` = this run is too short to tell. */
type Row = { figure: string; value: string; bar: string; goal: string; reached: boolean | null };

const STREAM_GROWTH_MAX_MEGABYTES = 32;
const START_UP_MAX_MS = 15;
/** Memory counts as flat when the last third of the run is at most this much above the second. */
const FLAT_MAX_GROWTH = 0.1;

export function formatReport(results: Results): string {
  const rows = barRows(results);
  return `# Benchmark of the gateway

Made by \`npm run bench\`${results.mode === "quick" ? " -- --quick (a short run: its figures are rough)" : ""} on ${results.date}${results.commit === null ? "" : `, of commit ${results.commit}`}.
Ratios are measured side by side in one run: the gateway, built as for deployment, and a bare pass-through Worker
(\`fetch(new Request(origin + path, request))\`), each in a workerd of its own without any proxy before it, in turns.
Absolute figures below are **as of that machine**: ${results.machine}; ${results.workerd}.
${pinningText(results)}
${foreignText(results.throughput)}

## Against the bars

${table(
  ["", "figure", "measured", "bar", "goal"],
  rows.map(({ figure, value, bar, goal, reached }) => [mark(reached), figure, value, bar, goal]),
)}

${waysSection(results.throughput)}

${loginsSection(results.logins)}

${memorySection(results.memory)}

${streamsSection(results.streams)}

${socketsSection(results.sockets)}

## Bundle and start-up (as of that machine)

Bundle: the gateway ${kilobytes(results.bundle.parts.gateway)} minified, with the management API ${kilobytes(results.bundle.parts.whole)}
(gzip ${kilobytes(results.bundle.gzipBytes)}). From the start of workerd to the
first signed-in page, medians of ${results.startUp.runs} runs:

${startUpTable(results.startUp)}
`;
}

function barRows({ mode, throughput, memory, streams, sockets, bundle, startUp }: Results): Row[] {
  const { figures } = throughput;
  const over = figures.signedIn.ratio.cpuMicros - 1;
  const ways = Math.min(figures.unauthorized.ratio.perSecond, figures.loginRedirect.ratio.perSecond);
  const growth = memoryGrowth(memory);
  const streamed = Math.max(streams.gateway.upload.growthMegabytes, streams.gateway.download.growthMegabytes);
  const atLeast = (figure: string, value: number, bar: number, goal: string): Row => ({
    figure,
    value: value.toFixed(2),
    bar: `≥ ${bar.toFixed(2)}`,
    goal,
    reached: value >= bar,
  });
  return [
    atLeast("signed-in pages per second ÷ bare", figures.signedIn.ratio.perSecond, 0.75, "0.85"),
    atLeast(
      "… where the origin does not say `private`: a header must change",
      figures.signedInPlain.ratio.perSecond,
      0.75,
      "",
    ),
    {
      figure: "CPU of a signed-in request over the bare one's",
      value: percent(over),
      bar: "≤ 30 %",
      goal: "15 %",
      reached: over <= 0.3,
    },
    atLeast("`open` pages per second ÷ bare", figures.open.ratio.perSecond, 0.8, "0.90"),
    {
      figure: "p99 at 64 connections ÷ bare's",
      value: figures.signedIn.ratio.p99Ms.toFixed(2),
      bar: "≤ 1.2",
      goal: "",
      reached: figures.signedIn.ratio.p99Ms <= 1.2,
    },
    atLeast("401 and login redirects per second ÷ bare (the slower)", ways, 1, ""),
    {
      figure: "memory over ever other visitors: last third over second",
      value: percent(growth),
      bar: "flat",
      goal: "",
      reached: mode === "quick" ? null : growth <= FLAT_MAX_GROWTH,
    },
    {
      figure: `${streams.megabytes} MB up and down: growth`,
      value: `${streamed.toFixed(0)} MB`,
      bar: `< ${STREAM_GROWTH_MAX_MEGABYTES} MB`,
      goal: "",
      reached: streamed < STREAM_GROWTH_MAX_MEGABYTES,
    },
    {
      figure: `${sockets.count} open WebSockets: echoed`,
      value: String(sockets.gateway.echoed),
      bar: "all",
      goal: "",
      reached: sockets.gateway.echoed === sockets.count,
    },
    {
      figure: `bundle, minified: the gateway (with the management API ${kilobytes(bundle.parts.whole)})`,
      value: kilobytes(bundle.parts.gateway),
      bar: `≤ ${kilobytes(GATEWAY_CEILING_BYTES)}`,
      goal: "",
      reached: bundle.parts.gateway <= GATEWAY_CEILING_BYTES,
    },
    {
      figure: "start-up over the bare Worker's: modules read and run",
      value: ms(startUp.over.listening),
      bar: `≤ ${START_UP_MAX_MS} ms`,
      goal: "",
      reached: startUp.over.listening <= START_UP_MAX_MS,
    },
    {
      figure: "… and to the first signed-in page: configuration read, keys imported",
      value: ms(startUp.over.firstPage),
      bar: `≤ ${START_UP_MAX_MS} ms`,
      goal: "",
      reached: startUp.over.firstPage <= START_UP_MAX_MS,
    },
  ];
}

function waysSection({ figures, plan, othersShare }: Throughput): string {
  const names = {
    bare: "bare pass-through",
    signedIn: "signed-in page",
    open: "`open` page",
    unauthorized: "401 (JSON)",
    loginRedirect: "login redirect",
    barePlain: "bare, origin without Cache-Control",
    signedInPlain: "signed-in, origin without Cache-Control",
  } as const;
  const rows = (Object.keys(names) as Array<keyof typeof names>).map((key) => {
    const { ratio, uncertainty, ...own } = figures[key];
    const isBase = key === "bare" || key === "barePlain";
    const within = (field: keyof Totals) =>
      isBase ? ratio[field].toFixed(2) : `${ratio[field].toFixed(2)} ± ${uncertainty[field].toFixed(2)}`;
    return [
      names[key],
      within("perSecond"),
      within("cpuMicros"),
      within("p50Ms"),
      within("p99Ms"),
      own.perSecond.toFixed(0),
      `${own.cpuMicros.toFixed(0)} µs`,
      `${own.p50Ms.toFixed(1)} ms`,
      `${own.p99Ms.toFixed(1)} ms`,
    ];
  });
  return `## Each way through the gateway

÷ the bare Worker's on the same path, all rounds together (± half the 95 % interval); then absolute, as of that machine.
${plan.pairs * plan.rounds} rounds of ${plan.seconds} s each at 64 connections, counted once those have settled, each round in another order, over
${plan.pairs} pairs of processes. Load generator and origin were busy for at most ${percent(othersShare)} of one core together.

${table(["", "req/s ÷", "CPU ÷", "p50 ÷", "p99 ÷", "req/s", "CPU", "p50", "p99"], rows)}`;
}

function loginsSection({ silent, counts, seconds }: Logins): string {
  const { cpuMs } = silent;
  const line = (name: string, count: LoginCounts) => [
    name,
    count.d1Calls.toFixed(2),
    count.statements.toFixed(2),
    count.rowsRead.toFixed(1),
    count.rowsWritten.toFixed(1),
    ms(count.sqlMs),
    count.kvGets.toFixed(2),
    count.kvPuts.toFixed(2),
  ];
  return `## Logins

Complete silent logins of new users (page, WeChat's redirect, callback with code exchange and D1) over ${seconds} s:
**${silent.perSecond.toFixed(0)} logins/s** (as of that machine, all processes on its cores). CPU per login: gateway
${ms(cpuMs.gateway)}, local D1 and KV ${ms(cpuMs.storage)}; apart from the gateway: simulator ${ms(cpuMs.simulator)}, driver ${ms(cpuMs.driver)}.
Rate-limit bindings are left out: locally they are databases, at Cloudflare counters in memory.

Counted per login:

${table(
  ["login", "D1 round trips", "statements", "rows read", "rows written", "within SQLite", "KV gets", "KV puts"],
  [
    line("silent, new user", counts.silentNewUser),
    line("silent, known user", counts.silentKnownUser),
    line("profile, known user", counts.profileKnownUser),
  ],
)}`;
}

function memorySection(memory: Memory): string {
  const { samples, requests, visitors, perSecond, beforeMegabytes } = memory;
  return `## Memory (as of that machine)

${requests.toLocaleString("en")} signed-in requests of ${visitors.toLocaleString("en")} different visitors in turn, so that every request misses
the bounded caches, opens its cookie and signs an assertion (${perSecond.toFixed(0)} req/s). Resident memory of workerd, ${beforeMegabytes.toFixed(0)} MB
before the first request:

\`\`\`
${plot(samples, "MB")}
\`\`\``;
}

/** Growth of the last third of the run over the second; the first fills caches. */
function memoryGrowth({ samples }: Memory): number {
  const third = Math.floor(samples.length / 3);
  const peak = (from: number, to: number) => Math.max(...samples.slice(from, to));
  return peak(2 * third, samples.length) / peak(third, 2 * third) - 1;
}

function streamsSection({ megabytes, gateway, bare }: Streams): string {
  const cell = ({ seconds, growthMegabytes }: { seconds: number; growthMegabytes: number }) =>
    `+${growthMegabytes.toFixed(0)} MB, ${(megabytes / seconds).toFixed(0)} MB/s`;
  return `## Large bodies (as of that machine)

${megabytes} MB each way, memory's growth at its peak and speed:

${table(
  ["", "upload", "download"],
  [
    ["gateway", cell(gateway.upload), cell(gateway.download)],
    ["bare", cell(bare.upload), cell(bare.download)],
  ],
)}`;
}

function socketsSection({ count, gateway, bare }: Sockets): string {
  return `## WebSockets (as of that machine)

${count} sockets open at once: gateway ${gateway.kilobytesEach.toFixed(1)} KB a socket, bare ${bare.kilobytesEach.toFixed(1)} KB.`;
}

/** More of somebody else's work than this, in cores, and a run is not worth comparing. */
const FOREIGN_CORES_MAX = 0.1;

function foreignText({ foreignCores }: Throughput): string {
  const used = `Other programs used ${foreignCores.toFixed(2)} cores while throughput was measured`;
  return foreignCores <= FOREIGN_CORES_MAX
    ? `${used}.`
    : `**${used}: this machine was busy, so take every figure here as rough, and run it again when it is quiet.**`;
}

function startUpTable({ gateway, bare }: StartUp): string {
  const line = (name: string, { listening, firstAnswer }: StartUp["bare"]) => [
    name,
    ms(listening),
    ms(firstAnswer),
    ms(listening + firstAnswer),
  ];
  const head = ["", "workerd listens (modules read and run)", "first answer", "together"];
  return table(head, [line("gateway", gateway), line("bare", bare)]);
}

function pinningText({ pinned }: Results): string {
  return pinned
    ? "The Worker's workerd was pinned to core 0; generator, origin, simulator, D1 and KV shared core 1 (`taskset`)."
    : "Nothing was pinned to a core here (no second core, or no `taskset`): expect more noise.";
}

/** Padded as the formatter pads: a fresh report passes the checks. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((cells) => (cells[column] ?? "").length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

const mark = (reached: boolean | null) => (reached === null ? "–" : reached ? "✓" : "✗");
const percent = (share: number) => `${Math.round(share * 100)} %`;
const ms = (value: number) => `${value.toFixed(1)} ms`;
const kilobytes = (bytes: number) => `${(bytes / 1_000).toFixed(1)} KB`;
