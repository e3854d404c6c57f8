/** A child process whose whole tree ends with us, and whose output stays quiet unless it matters. */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";

const LINES_KEPT = 60;
const IS_WINDOWS = process.platform === "win32";

/** Ends the child's group when we are gone without a word (SIGKILL, crash). */
const FOLLOW_PARENT = `data:text/javascript,process.on("disconnect",()=>{${
  IS_WINDOWS ? "process.exit()" : 'process.kill(0,"SIGTERM")'
}})`;

export type Child = {
  name: string;
  /** Resolves with what is said about the end. */
  ended: Promise<string>;
  lastLines(): readonly string[];
  /** Ends the child and all it started. */
  kill(force: boolean): void;
};

/** What of a child's output is shown: a text, or `null` for nothing. */
export type Filter = (line: string) => string | null;

/** Starts a Node script as a group of its own, so that the terminal's Ctrl-C comes to us alone. */
export function startChild(name: string, args: readonly string[], cwd: string, filter: Filter): Child {
  const child = spawn(process.execPath, ["--import", FOLLOW_PARENT, ...args], {
    cwd,
    env: childEnvironment(),
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    detached: !IS_WINDOWS,
    windowsHide: true,
  });
  const last: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on("line", (line) => {
      last.push(line);
      if (last.length > LINES_KEPT) last.shift();
      const shown = filter(line);
      if (shown !== null) console.log(`${name} | ${shown}`);
    });
  }
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(`could not start: ${error.message}`));
    child.once("close", (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
  });
  return { name, ended, lastLines: () => last, kill: (force) => killTree(child, force) };
}

function childEnvironment(): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = {
    ...process.env,
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_HIDE_BANNER: "true",
    WRANGLER_WRITE_LOGS: "false",
    // No look at cloudflare.com for a request.cf: the demo starts without a network.
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
    CI: "true",
    NO_COLOR: "1",
    FORCE_COLOR: "0",
  };
  // Would choose another environment's section of the wrangler file.
  delete environment.CLOUDFLARE_ENV;
  return environment;
}

function killTree(child: ChildProcess, force: boolean): void {
  const { pid } = child;
  if (pid === undefined) return;
  if (IS_WINDOWS) {
    spawnSync("taskkill", ["/pid", String(pid), "/T", "/F"], { windowsHide: true });
    return;
  }
  try {
    process.kill(-pid, force ? "SIGKILL" : "SIGTERM");
  } catch {
    // The group is gone already.
  }
}
