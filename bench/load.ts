/**
 * `npm run load [-- --seconds 60]`: everything at once for a set time, with a WeChat that is slow now and then and a D1
 * that fails now and then. Exit 1 when anybody was taken for somebody else, or anything failed that was not made to.
 */

import { parseArgs } from "node:util";
import { buildGateway } from "./lib/build.ts";
import { stopAll, stopChildrenWithUs } from "./lib/children.ts";
import { HttpClient } from "./lib/http-client.ts";
import { choosePinning } from "./lib/machine.ts";
import { setStage } from "./lib/stage.ts";
import { portOf } from "./lib/workerd.ts";
import { startInstrumented } from "./lib/workers.ts";
import { runScenario } from "./scenario/scenario.ts";
import { formatTally } from "./scenario/tally.ts";

const { values } = parseArgs({ options: { seconds: { type: "string", default: "60" } } });
const seconds = Number(values.seconds);
if (!(seconds > 0)) {
  console.error("--seconds is a positive number");
  process.exit(2);
}

stopChildrenWithUs();
try {
  const stage = await setStage(choosePinning());
  // Sessions are asked for again after 30 s, so that a run of a minute meets the recheck and its D1 errors.
  const gateway = await startInstrumented(stage, buildGateway(), { session: { recheck: "30s" } });
  const http = new HttpClient(256);
  console.log(`mixed load for ${seconds} s`);
  const tally = await runScenario(stage, http, { gateway: portOf(gateway), simulator: stage.simulatorPort }, seconds);
  http.close();
  console.log(formatTally(tally, seconds));
  if (tally.unexplained.size > 0) console.log(`the gateway's last failures:\n${lastFailures(gateway.output())}`);
  process.exitCode = tally.wrongIdentities === 0 && tally.unexplained.size === 0 ? 0 : 1;
} finally {
  await stopAll();
}

/** Log lines of failures that say more than that the test injected them. */
function lastFailures(output: string): string {
  const lines = output
    .split("\n")
    .filter((line) => line.includes('"event":"failure"') || line.includes('"event":"bug"'));
  return lines
    .filter((line) => !line.includes("injected by the load test"))
    .slice(-20)
    .join("\n");
}
