import type { Bundle } from "../lib/build.ts";
import { HttpClient } from "../lib/http-client.ts";
import { median } from "../lib/numbers.ts";
import { sealedCookies } from "../lib/sessions.ts";
import { NAVIGATION_HEADERS } from "../lib/settings.ts";
import type { Stage } from "../lib/stage.ts";
import { startBare, startGateway } from "../lib/workers.ts";
import { portOf, type Workerd } from "../lib/workerd.ts";

/**
 * From the start of workerd to the first signed-in page: code read and run, configuration parsed, keys imported,
 * cookie opened, assertion signed, origin asked.
 */
export type StartUp = { runs: number; gatewayMs: number; bareMs: number; differenceMs: number };

export async function measureStartUp(stage: Stage, bundle: Bundle, runs: number): Promise<StartUp> {
  const [cookie = ""] = await sealedCookies({ count: 1, gatewaySecret: stage.keys.gatewaySecret });
  const first = async (start: () => Promise<Workerd>) => {
    const http = new HttpClient(1);
    const began = performance.now();
    const worker = await start();
    const answer = await http.ask({ port: portOf(worker), path: "/page", headers: { ...NAVIGATION_HEADERS, cookie } });
    const took = performance.now() - began;
    http.close();
    await worker.stop();
    if (answer.status !== 200) throw new Error(`start-up: ${answer.status} ${answer.body.slice(0, 300)}`);
    return took;
  };
  const gateway: number[] = [];
  const bare: number[] = [];
  // The first of each reads files that later ones find in memory.
  for (let run = 0; run <= runs; run++) {
    const [bareMs, gatewayMs] = [await first(() => startBare(stage)), await first(() => startGateway(stage, bundle))];
    if (run === 0) continue;
    bare.push(bareMs);
    gateway.push(gatewayMs);
  }
  const [gatewayMs, bareMs] = [median(gateway), median(bare)];
  return { runs, gatewayMs, bareMs, differenceMs: gatewayMs - bareMs };
}
