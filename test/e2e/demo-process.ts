import { type ChildProcess, spawn } from "node:child_process";
import { rmSync } from "node:fs";

/** `npm start` as a test drives it: real processes on their own ports, ended with the test. */

export type Demo = {
  site: string;
  simulator: string;
  origin: string;
  output: () => string;
  stop: () => Promise<number | null>;
};

const READY_TIMEOUT_MS = 60_000;

export async function startDemo(port: number): Promise<Demo> {
  const ports = { site: port, simulator: port + 1, origin: port + 2 };
  const flags = ["--port", ports.site, "--simulator-port", ports.simulator, "--origin-port", ports.origin].map(String);
  // State of an earlier run would make first visits second ones.
  for (const kind of ["demo", "demo-state"]) rmSync(`.wrangler/${kind}-${port}`, { recursive: true, force: true });
  const child = spawn(process.execPath, ["scripts/start.ts", ...flags], { stdio: ["ignore", "pipe", "pipe"] });
  const output = collect(child);
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (!output().includes("Ctrl-C")) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill("SIGINT");
      throw new Error(`the demo did not start:\n${output()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    site: `http://localhost:${ports.site}`,
    simulator: `http://localhost:${ports.simulator}`,
    origin: `http://localhost:${ports.origin}`,
    output,
    stop: () => {
      child.kill("SIGINT");
      return ended;
    },
  };
}

/** What a child prints, on either stream. */
export function collect(child: ChildProcess): () => string {
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk) => {
      text += chunk;
    });
  }
  return () => text;
}
