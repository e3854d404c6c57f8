import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism, cpus, totalmem } from "node:os";
import { sum } from "./numbers.ts";

/** What Linux tells about processes: CPU and memory of others, from outside, without asking them. */

/** `USER_HZ`: a tick of /proc/stat, on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/**
 * CPU time of a process with all its threads, in seconds: the scheduler's own nanoseconds, because rounds are short
 * against the 10 ms ticks of /proc/PID/stat. A thread that has ended meanwhile is missing; workerd's do not.
 */
export function cpuSeconds(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const nanoseconds = threads.map((thread) => Number(readSchedule(pid, thread).split(" ", 1)[0]));
  return sum(nanoseconds) / 1e9;
}

function readSchedule(pid: number, thread: string): string {
  try {
    return readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8");
  } catch {
    return "0"; // it ended between the two reads
  }
}

/** What all programs of the machine used of its cores since it started, in seconds. */
export function machineBusySeconds(): number {
  const [, ...ticks] = (readFileSync("/proc/stat", "utf8").split("\n", 1)[0] ?? "").split(/\s+/).map(Number);
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = ticks;
  return (user + nice + system + irq + softirq) / TICKS_PER_SECOND;
}

/** Resident memory, in MB (10^6 bytes). */
export function residentMegabytes(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return (Number(line?.[1] ?? Number.NaN) * 1_024) / 1e6;
}

/**
 * Which core is whose: the Worker's workerd has one for itself, everything that drives it or stands behind it the
 * other. `null` = this machine cannot: one core, or no `taskset`.
 */
export type Pinning = { gateway: string; others: string } | null;

export function choosePinning(): Pinning {
  const hasTaskset = spawnSync("taskset", ["--version"]).status === 0;
  return hasTaskset && availableParallelism() >= 2 ? { gateway: "0", others: "1" } : null;
}

export function machineLine(): string {
  const [cpu] = cpus();
  const gigabytes = Math.round(totalmem() / 1e9);
  return `${availableParallelism()} cores (${cpu?.model.trim() ?? "unknown"}), ${gigabytes} GB, Node ${process.version}`;
}
