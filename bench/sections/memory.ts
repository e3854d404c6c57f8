import type { Bundle } from "../lib/build.ts";
import type { Generator } from "../lib/generator.ts";
import { residentMegabytes } from "../lib/machine.ts";
import { NAVIGATION_HEADERS } from "../lib/settings.ts";
import type { Stage } from "../lib/stage.ts";
import { portOf } from "../lib/workerd.ts";
import { startGateway } from "../lib/workers.ts";

/** Resident memory while ever other visitors pass: the caches are bounded, so it must stay flat. */

export type Memory = {
  requests: number;
  visitors: number;
  perSecond: number;
  /** Resident megabytes, evenly over the run. */
  samples: number[];
  beforeMegabytes: number;
};

const SAMPLE_MS = 200;

export async function measureMemory(
  stage: Stage,
  bundle: Bundle,
  generator: Generator,
  { requests, visitors }: { requests: number; visitors: number },
): Promise<Memory> {
  const gateway = await startGateway(stage, bundle);
  const samples: number[] = [];
  let timer: NodeJS.Timeout | undefined;
  const beforeMegabytes = residentMegabytes(gateway.pid);
  const outcome = await generator.run(
    {
      url: `http://127.0.0.1:${portOf(gateway)}/page`,
      headers: { ...NAVIGATION_HEADERS },
      connections: 64,
      until: { requests },
      visitors: { count: visitors, gatewaySecret: stage.keys.gatewaySecret },
    },
    () => {
      timer = setInterval(() => samples.push(residentMegabytes(gateway.pid)), SAMPLE_MS);
    },
  );
  clearInterval(timer);
  await gateway.stop();
  const wrong = Object.keys(outcome.statuses).filter((status) => status !== "200");
  if (wrong.length > 0) throw new Error(`memory run: ${JSON.stringify(outcome.statuses)}`);
  return { requests, visitors, perSecond: outcome.requests / outcome.seconds, samples, beforeMegabytes };
}
