import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";

/** Child processes that end with us, and whose output is shown only when they fail. */

const OUTPUT_KEPT = 8_000;

export type Child = {
  pid: number;
  process: ChildProcess;
  /** The last output, for an error's text. */
  output: () => string;
  stop: () => Promise<void>;
};

const running = new Set<Child>();

/** @param core pins the child with `taskset`, whose process becomes the child's */
export function startChild(
  command: string,
  args: readonly string[],
  options: { core?: string | undefined; stdio?: StdioOptions; cwd?: string } = {},
): Child {
  const [file, ...rest] =
    options.core === undefined ? [command, ...args] : ["taskset", "-c", options.core, command, ...args];
  const process = spawn(file ?? command, rest, {
    cwd: options.cwd,
    stdio: options.stdio ?? ["ignore", "pipe", "pipe"],
  });
  let kept = "";
  const keep = (chunk: Buffer) => {
    kept = (kept + chunk.toString()).slice(-OUTPUT_KEPT);
  };
  process.stdout?.on("data", keep);
  process.stderr?.on("data", keep);
  const ended = new Promise<void>((resolve) => {
    process.once("exit", () => {
      running.delete(child);
      resolve();
    });
    // It was never started: `taskset` or the program itself is not there.
    process.once("error", ({ message }) => {
      keep(Buffer.from(message));
      running.delete(child);
      resolve();
    });
  });
  const child: Child = {
    pid: process.pid ?? -1,
    process,
    output: () => kept,
    stop: async () => {
      process.kill("SIGKILL");
      await ended;
    },
  };
  running.add(child);
  return child;
}

export async function stopAll(): Promise<void> {
  await Promise.all([...running].map((child) => child.stop()));
}

/** Whatever happens to us, nobody stays behind. */
export function stopChildrenWithUs(): void {
  process.on("exit", () => {
    for (const { process: child } of running) child.kill("SIGKILL");
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(130));
}

/** Waits for the first line of output that `find` understands. */
export function lineOf<Found>(child: Child, find: (output: string) => Found | null, limitMs = 20_000): Promise<Found> {
  return new Promise((resolve, reject) => {
    const look = () => {
      const found = find(child.output());
      if (found !== null) settle(() => resolve(found));
    };
    const fail = (why: string) => settle(() => reject(new Error(`${why}\n${child.output()}`)));
    const onExit = () => fail("a process of the bench ended early");
    const onError = () => fail("a process of the bench could not be started");
    const timer = setTimeout(() => fail("a process of the bench did not get ready"), limitMs);
    const settle = (finish: () => void) => {
      clearTimeout(timer);
      child.process.stdout?.off("data", look);
      child.process.off("exit", onExit);
      child.process.off("error", onError);
      finish();
    };
    child.process.stdout?.on("data", look);
    child.process.once("exit", onExit);
    child.process.once("error", onError);
    look();
  });
}
