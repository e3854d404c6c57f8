/** `npm start`: the gateway, the WeChat simulator and the demo origin on this machine, until Ctrl-C. */

import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Child, type Filter, startChild } from "./start/child.ts";
import { writeDemoFiles } from "./start/demo-config.ts";
import { HELP, type Ports, parseOptions } from "./start/options.ts";
import { gatewayFilter, serverFilter } from "./start/output.ts";
import { takenPorts } from "./start/ports.ts";
import { welcome } from "./start/welcome.ts";

const ROOT = dirname(import.meta.dirname);
const WRANGLER = join(dirname(createRequire(import.meta.url).resolve("wrangler/package.json")), "bin", "wrangler.js");
const READY_LIMIT_MS = 60_000;
const READY_PAUSE_MS = 150;
const PARENT_PAUSE_MS = 500;
const KILL_GRACE_MS = 4_000;
/** How long an error's last lines may take. */
const ERROR_TAIL_MS = 700;

/** Something the user has to know; no stack. */
class StartError extends Error {}

const children: Child[] = [];
let stopping: Promise<void> | null = null;

process.on("SIGINT", () => stop(0));
process.on("SIGTERM", () => stop(0));
process.on("SIGHUP", () => stop(0));
// Our reader has gone (npm start | head): so do we.
process.stdout.on("error", () => stop(0));
watchParent();

try {
  await main();
} catch (error) {
  if (stopping === null) {
    console.error(
      error instanceof Error && !(error instanceof StartError) ? error.stack : String(error).replace(/^Error: /, ""),
    );
    await stop(1);
  }
}

async function main(): Promise<void> {
  const ports = readOptions();
  if (ports === null) {
    console.log(HELP);
    return;
  }
  const taken = await takenPorts(ports);
  if (taken.length > 0) throw new StartError(taken.join("\n"));
  const files = await writeDemoFiles(ROOT, ports);

  console.log("正在启动… starting…");
  const config = ["--config", files.config, "--persist-to", files.state];
  const migrations = start(
    "migrations",
    [WRANGLER, "d1", "migrations", "apply", "DB", "--local", ...config],
    () => null,
  );
  const simulator = start(
    "simulator",
    [join("simulator", "server.ts"), "--port", `${ports.simulator}`],
    serverFilter(),
  );
  const origin = start("origin", [join("demo", "server.ts"), "--port", `${ports.origin}`], serverFilter());
  const end = await Promise.race([migrations.ended, failed(simulator), failed(origin)]);
  if (end !== "exit code 0") throw death(migrations, end);

  const listen = ["--ip", "127.0.0.1", "--port", `${ports.gateway}`, "--inspector-port", "0"];
  const dev = [WRANGLER, "dev", ...listen, ...config, "--show-interactive-dev-session=false"];
  const broken = Promise.withResolvers<never>();
  // wrangler waits for an edit when the Worker does not build; a demo cannot.
  const onFatal = () =>
    setTimeout(() => broken.reject(new StartError("gateway failed: stopping the rest")), ERROR_TAIL_MS);
  const gateway = start("gateway", dev, gatewayFilter(onFatal));
  const firstDeath = Promise.race([simulator, origin, gateway].map(failed));
  await Promise.race([firstDeath, broken.promise, ready(ports)]);
  console.log(welcome(ports));
  await firstDeath;
}

/** npm dies of a SIGTERM without handing it on: its end is ours. */
function watchParent(): void {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && stop(0), PARENT_PAUSE_MS).unref();
}

function readOptions(): Ports | null {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    throw new StartError(`${error instanceof Error ? error.message : error}\nnpm start -- --help lists the flags`);
  }
}

function start(name: string, args: readonly string[], filter: Filter): Child {
  const child = startChild(name, args, ROOT, filter);
  children.push(child);
  return child;
}

/** Rejects when a child that should go on has ended. */
async function failed(child: Child): Promise<never> {
  throw death(child, await child.ended);
}

function death(child: Child, end: string): StartError {
  return new StartError([...child.lastLines(), `${child.name} ended (${end}): stopping the rest`].join("\n"));
}

/** Waits until each of the three answers; what the gateway answers is for the visitor to see. */
async function ready(ports: Ports): Promise<void> {
  const paths = [`${ports.simulator}/control`, `${ports.origin}/`, `${ports.gateway}/_wx/health`];
  await Promise.all(paths.map((path) => answered(`http://localhost:${path}`)));
}

async function answered(url: string): Promise<void> {
  const limit = Date.now() + READY_LIMIT_MS;
  while (Date.now() < limit) {
    const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(READY_LIMIT_MS) }).catch(
      () => null,
    );
    if (response !== null) {
      await response.body?.cancel();
      if (response.status >= 500) console.log(`${url} answers ${response.status}: see the log lines`);
      return;
    }
    await sleep(READY_PAUSE_MS);
  }
  throw new StartError(`${url} does not answer`);
}

/** Ends every child with all it started, then ourselves. */
function stop(exitCode: number): Promise<void> {
  stopping ??= (async () => {
    for (const child of children) child.kill(false);
    const all = Promise.all(children.map((child) => child.ended));
    await Promise.race([all, sleep(KILL_GRACE_MS)]);
    for (const child of children) child.kill(true);
    process.exit(exitCode);
  })();
  return stopping;
}
