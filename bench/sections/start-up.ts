import type { Bundle } from "../lib/build.ts";
import { HttpClient } from "../lib/http-client.ts";
import { median } from "../lib/numbers.ts";
import { sealedCookies } from "../lib/sessions.ts";
import { NAVIGATION_HEADERS } from "../lib/settings.ts";
import type { Stage } from "../lib/stage.ts";
import { portOf, type Workerd } from "../lib/workerd.ts";
import { startBare, startGateway } from "../lib/workers.ts";

/**
 * From the start of workerd to the first signed-in page: code read and run, configuration parsed, keys imported,
 * cookie opened, assertion signed, origin asked.
 */
export type StartUp = {
  runs: number;
  gateway: Phases;
  bare: Phases;
  /** Over the bare Worker's, in ms: until it listens, and until the first page. */
  over: { listening: number; firstPage: number };
};

/** `listening`: workerd has read, compiled and run the Worker's modules; `firstAnswer` is the rest. */
type Phases = { listening: number; firstAnswer: number };

export async function measureStartUp(stage: Stage, bundle: Bundle, runs: number): Promise<StartUp> {
  const [cookie = ""] = await sealedCookies({ count: 1, gatewaySecret: stage.keys.gatewaySecret });
  const first = async (start: () => Promise<Workerd>): Promise<Phases> => {
    const http = new HttpClient(1);
    const began = performance.now();
    const worker = await start();
    const listening = performance.now();
    const answer = await http.ask({ port: portOf(worker), path: "/page", headers: { ...NAVIGATION_HEADERS, cookie } });
    const answered = performance.now();
    http.close();
    await worker.stop();
    if (answer.status !== 200) throw new Error(`start-up: ${answer.status} ${answer.body.slice(0, 300)}`);
    return { listening: listening - began, firstAnswer: answered - listening };
  };
  const gateway: Phases[] = [];
  const bare: Phases[] = [];
  // The first of each reads files that later ones find in memory.
  for (let run = 0; run <= runs; run++) {
    const [bareRun, gatewayRun] = [await first(() => startBare(stage)), await first(() => startGateway(stage, bundle))];
    if (run === 0) continue;
    bare.push(bareRun);
    gateway.push(gatewayRun);
  }
  const over = (phase: (phases: Phases) => number) => median(gateway.map(phase)) - median(bare.map(phase));
  return {
    runs,
    gateway: medians(gateway),
    bare: medians(bare),
    over: {
      listening: over(({ listening }) => listening),
      firstPage: over(({ listening, firstAnswer }) => listening + firstAnswer),
    },
  };
}

function medians(phases: readonly Phases[]): Phases {
  return {
    listening: median(phases.map(({ listening }) => listening)),
    firstAnswer: median(phases.map(({ firstAnswer }) => firstAnswer)),
  };
}
