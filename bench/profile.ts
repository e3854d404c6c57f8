/**
 * Where a signed-in request spends its CPU: `node bench/profile.ts [--case signedIn|open|redirect|cold|bare]`. Prints
 * the functions by their own and their whole time and keeps the profile for Chrome's DevTools.
 */

import { writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { buildGateway } from "./lib/build.ts";
import { stopAll, stopChildrenWithUs } from "./lib/children.ts";
import { startGenerator } from "./lib/generator.ts";
import { type CpuProfile, Inspector } from "./lib/inspector.ts";
import { choosePinning } from "./lib/machine.ts";
import { readOptions, refuseOptions } from "./lib/options.ts";
import { ROOT, SCRATCH } from "./lib/paths.ts";
import { sealedCookies } from "./lib/sessions.ts";
import { NAVIGATION_HEADERS } from "./lib/settings.ts";
import { setStage } from "./lib/stage.ts";
import { portOf } from "./lib/workerd.ts";
import { startBare, startGateway } from "./lib/workers.ts";

const HELP = `node bench/profile.ts [--case signedIn|open|redirect|cold|bare] [--seconds 6]

Where a request spends its CPU, by function; keeps the profile for Chrome's DevTools.`;

const CASES = ["signedIn", "open", "redirect", "cold", "bare"] as const;
const INSPECTOR_PORT = 9_339;
const WARM_UP_SECONDS = 3;
const LINES = 45;

const values = readOptions(HELP, {
  case: { type: "string", default: "signedIn" },
  seconds: { type: "string", default: "6" },
});
const chosen =
  CASES.find((name) => name === values.case) ?? refuseOptions(HELP, `--case is one of ${CASES.join(", ")}`);

stopChildrenWithUs();
try {
  const stage = await setStage(choosePinning());
  const worker =
    chosen === "bare"
      ? await startBare(stage, { inspectorPort: INSPECTOR_PORT })
      : await startGateway(stage, buildGateway({ readable: true }), { inspectorPort: INSPECTOR_PORT });
  const generator = startGenerator(stage.pinning?.others);
  const visitors = { count: chosen === "cold" ? 50_000 : 1, gatewaySecret: stage.keys.gatewaySecret };
  const [cookie = ""] = await sealedCookies({ ...visitors, count: 1 });
  const order = {
    url: `http://127.0.0.1:${portOf(worker)}${chosen === "open" ? "/open/page" : "/page"}`,
    headers: chosen === "redirect" ? { ...NAVIGATION_HEADERS } : { ...NAVIGATION_HEADERS, cookie },
    connections: 64,
    ...(chosen === "cold" ? { visitors } : {}),
  };
  await generator.run({ ...order, until: { seconds: WARM_UP_SECONDS } });
  const inspector = await Inspector.connectWhenReady(INSPECTOR_PORT, "main");
  // Only once the generator has its cookies: a wait would be counted as some function's time.
  const { requests } = await generator.run({ ...order, until: { seconds: Number(values.seconds) } }, () => {
    void inspector.startProfile();
  });
  const profile = await inspector.stopProfile();
  inspector.close();
  const file = join(SCRATCH, `${chosen}.cpuprofile`);
  writeFileSync(file, JSON.stringify(profile));
  print(profile, requests);
  console.log(`\n${requests} requests; ${relative(ROOT, file)} opens in Chrome's DevTools`);
} finally {
  await stopAll();
}

/** A function's own time, and its whole time with everything that it calls (recursion counted once). */
function print({ nodes, samples, timeDeltas }: CpuProfile, requests: number): void {
  const ownById = new Map<number, number>();
  for (const [index, id] of samples.entries()) ownById.set(id, (ownById.get(id) ?? 0) + (timeDeltas[index] ?? 0));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const own = new Map<string, number>();
  const whole = new Map<string, number>();
  const visit = (id: number, above: ReadonlySet<string>): number => {
    const node = byId.get(id);
    if (node === undefined) return 0;
    const { functionName, url, lineNumber } = node.callFrame;
    const name = `${functionName || "(anonymous)"}${url === "" ? "" : ` :${lineNumber + 1}`}`;
    const within = new Set(above).add(name);
    const mine = ownById.get(id) ?? 0;
    const total = mine + (node.children ?? []).reduce((sum, child) => sum + visit(child, within), 0);
    own.set(name, (own.get(name) ?? 0) + mine);
    if (!above.has(name)) whole.set(name, (whole.get(name) ?? 0) + total);
    return total;
  };
  const [root] = nodes;
  if (root !== undefined) visit(root.id, new Set());
  const perRequest = (micros: number) => (micros / requests).toFixed(1).padStart(8);
  for (const [title, map] of [
    ["own", own],
    ["whole", whole],
  ] as const) {
    console.log(`\n${title} time, µs a request`);
    for (const [name, micros] of [...map].sort((a, b) => b[1] - a[1]).slice(0, LINES)) {
      console.log(`${perRequest(micros)}  ${name}`);
    }
  }
}
