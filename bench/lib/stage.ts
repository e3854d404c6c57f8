import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Child, lineOf, startChild } from "./children.ts";
import { HttpClient } from "./http-client.ts";
import type { Pinning } from "./machine.ts";
import { BENCH, ROOT, SCRATCH } from "./paths.ts";
import { newKeys, type Surroundings } from "./settings.ts";
import { freshDirectory, portOf, startWorkerd, type Workerd } from "./workerd.ts";
import { type StoragePorts, storageConfig } from "./workerd-config.ts";

/** Everything that stands around the Worker: origin, simulator, D1 and KV, each a process of its own. */

export type Stage = Surroundings & {
  pinning: Pinning;
  origin: Child;
  simulator: Child;
  storage: Workerd;
  storagePorts: StoragePorts;
};

export async function setStage(pinning: Pinning): Promise<Stage> {
  mkdirSync(SCRATCH, { recursive: true });
  const core = pinning?.others;
  const origin = startChild(process.execPath, [join(BENCH, "processes", "origin.ts")], { core });
  const simulator = startChild(process.execPath, [join(ROOT, "simulator", "server.ts"), "--port", "0"], { core });
  const storage = await startWorkerd({
    name: "storage",
    config: storageConfig({ d1: freshDirectory("d1"), kv: freshDirectory("kv") }),
    core,
  });
  const storagePorts = { d1: portOf(storage, "d1"), kv: portOf(storage, "kv") };
  await migrate(storagePorts.d1);
  const port = (pattern: RegExp) => (output: string) => Number(pattern.exec(output)?.[1]) || null;
  return {
    pinning,
    origin,
    simulator,
    storage,
    storagePorts,
    originPort: await lineOf(origin, port(/^origin (\d+)$/m)),
    simulatorPort: await lineOf(simulator, port(/localhost:(\d+)$/m)),
    keys: await newKeys(),
  };
}

/** The migrations in their order, each in one go. */
async function migrate(port: number): Promise<void> {
  const directory = join(ROOT, "migrations");
  if (!existsSync(directory)) return;
  const http = new HttpClient(1);
  for (const file of readdirSync(directory)
    .filter((name) => name.endsWith(".sql"))
    .sort()) {
    const sql = readFileSync(join(directory, file), "utf8");
    const answer = await http.ask({
      port,
      path: "/execute",
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify([{ sql, params: [] }]),
    });
    if (answer.status !== 200 || answer.body.includes('"success":false'))
      throw new Error(`migration ${file}: ${answer.body}`);
  }
  http.close();
}

type ControlFault = Record<string, string | number | boolean>;

/** Scripts the simulator's next answers. */
export async function scriptSimulator({ simulatorPort }: Surroundings, next: readonly ControlFault[]): Promise<void> {
  const http = new HttpClient(1);
  const answer = await http.ask({
    port: simulatorPort,
    path: "/control",
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ next }),
  });
  http.close();
  if (answer.status !== 200) throw new Error(`the simulator refuses: ${answer.body}`);
}
