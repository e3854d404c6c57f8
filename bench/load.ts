/**
 * `npm run load [-- --seconds 60]`: everything at once for a set time, with a WeChat that is slow now and then and a D1
 * that fails now and then. Exit 1 when anybody was taken for somebody else, or anything failed that was not made to.
 */

import { createInterface } from "node:readline";
import { buildGateway } from "./lib/build.ts";
import { type Child, stopAll, stopChildrenWithUs } from "./lib/children.ts";
import { HttpClient } from "./lib/http-client.ts";
import { choosePinning } from "./lib/machine.ts";
import { readOptions, refuseOptions } from "./lib/options.ts";
import { setStage } from "./lib/stage.ts";
import { portOf } from "./lib/workerd.ts";
import { startInstrumented } from "./lib/workers.ts";
import { runScenario } from "./scenario/scenario.ts";
import { formatTally } from "./scenario/tally.ts";

const HELP = `npm run load [-- --seconds 60]

Everything at once, with a WeChat that is slow now and then and a D1 that fails now and then. Ends with 1 when anybody
was taken for somebody else, or anything failed that was not made to. Needs Linux.

  --seconds N   how long (default 60)`;

const LINES_SHOWN = 20;

const { seconds: given } = readOptions(HELP, { seconds: { type: "string", default: "60" } });
const seconds = Number(given);
if (!(seconds > 0)) refuseOptions(HELP, "--seconds is a positive number");

stopChildrenWithUs();
try {
  const stage = await setStage(choosePinning());
  // Sessions are asked for again after 30 s, so that a run of a minute meets the recheck and its D1 errors.
  const gateway = await startInstrumented(stage, buildGateway(), { session: { recheck: "30s" } });
  const failures = watchFailures(gateway);
  const http = new HttpClient(256);
  console.log(`mixed load for ${seconds} s`);
  const tally = await runScenario(stage, http, { gateway: portOf(gateway), simulator: stage.simulatorPort }, seconds);
  http.close();
  console.log(formatTally(tally, seconds));
  const errors = failures.filter((line) => line.includes('"level":"error"')).slice(-LINES_SHOWN);
  if (tally.unexplained.size > 0) console.log(`the gateway's last errors:\n${errors.join("\n")}`);
  process.exitCode = tally.wrongIdentities === 0 && tally.unexplained.size === 0 ? 0 : 1;
} finally {
  await stopAll();
}

/** Collects the log lines of failures that say more than that the test injected them. */
function watchFailures({ process: { stdout, stderr } }: Child): string[] {
  const lines: string[] = [];
  for (const stream of [stdout, stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on("line", (line) => {
      const isFailure = line.includes('"event":"failure"') || line.includes('"event":"bug"');
      if (isFailure && !line.includes("injected by the load test")) lines.push(line);
    });
  }
  return lines;
}
