import { join } from "node:path";
import type { Order, Outcome } from "../processes/generator.ts";
import { startChild } from "./children.ts";
import { cpuSeconds } from "./machine.ts";
import { BENCH } from "./paths.ts";

/** The other end of the load generator's process. */
export type Generator = {
  pid: number;
  run: (order: Order, onReady?: () => void) => Promise<Outcome>;
  stop: () => Promise<void>;
};

export function startGenerator(core: string | undefined): Generator {
  const child = startChild(process.execPath, [join(BENCH, "processes", "generator.ts")], {
    core,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const run = (order: Order, onReady?: () => void) =>
    new Promise<Outcome>((resolve, reject) => {
      const onMessage = (message: { outcome?: Outcome; error?: string; ready?: true }) => {
        if (message.ready) {
          onReady?.();
          return;
        }
        child.process.off("message", onMessage);
        if (message.outcome === undefined) reject(new Error(`the generator failed: ${message.error}`));
        else resolve(message.outcome);
      };
      child.process.on("message", onMessage);
      child.process.once("exit", () => reject(new Error(`the generator ended early\n${child.output()}`)));
      child.process.send(order);
    });
  child.process.setMaxListeners(0);
  return { pid: child.pid, run, stop: child.stop };
}

export type Measured = Outcome & {
  /** CPU of the Worker's workerd. */
  workerSeconds: number;
  /** Busy shares of one core: the generator's and the origin's must stay below 1 together, or they are the limit. */
  generatorShare: number;
  originShare: number;
};

/** One order with the CPU of everybody around it. */
export async function measure(
  generator: Generator,
  order: Order,
  pids: { worker: number; origin: number },
  expectedStatus: number,
): Promise<Measured> {
  const cpu = () => [pids.worker, generator.pid, pids.origin].map(cpuSeconds);
  let before = cpu();
  const outcome = await generator.run(order, () => {
    before = cpu();
  });
  const [worker = 0, load = 0, origin = 0] = cpu().map((seconds, index) => seconds - (before[index] ?? 0));
  const wrong = Object.entries(outcome.statuses).filter(([status]) => Number(status) !== expectedStatus);
  if (wrong.length > 0 || outcome.errors > 0) {
    const seen = JSON.stringify({ ...outcome.statuses, errors: outcome.errors });
    throw new Error(`${order.url}: ${expectedStatus} was expected, but ${seen}`);
  }
  return {
    ...outcome,
    workerSeconds: worker,
    generatorShare: load / outcome.seconds,
    originShare: origin / outcome.seconds,
  };
}
