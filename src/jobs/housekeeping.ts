import type { Site } from "../config/config.ts";
import { SITE_OPTIONS } from "../config/site-options.ts";
import { type Env, versionOf } from "../env.ts";
import { loadRuntime } from "../load-runtime.ts";
import { log } from "../log.ts";
import { deleteRows, eventSites, type HousekeepingTask } from "../storage/housekeeping.ts";

const DAY_SECONDS = 86_400;
const LOGIN_KEPT_SECONDS = 3_600;

/** One run: small enough for a statement to end soon and for Cloudflare's free plan (50 queries); the rest is next hour's. */
export const BOUNDS = { rows: 5_000, statements: 40 };
type Bounds = typeof BOUNDS;

type Counts = { sessions: number; logins: number; joins: number; events: number; statements: number };
type Job = { count: Exclude<keyof Counts, "statements">; task: HousekeepingTask; values: (string | number)[] };

/** Run by the cron trigger. Deletes what is over, logs one line, throws nothing. */
export async function keepHouse(env: Env, now: number, bounds: Bounds = BOUNDS): Promise<void> {
  const begun = Date.now();
  const loaded = await loadRuntime(env);
  const version = versionOf(env);
  if (!loaded.ok) {
    // How long events are kept is part of it: nothing is deleted by guess.
    log(version, { event: "cron", level: "error", code: "config_invalid", detail: "nothing was deleted" });
    return;
  }
  const { counts, failures } = await runJobs(env.DB, loaded.runtime.config.sites, now, bounds);
  const failed = { level: "warn", code: "storage_unavailable", detail: failures.join("; ") } as const;
  log(version, { event: "cron", ...(failures.length > 0 && failed), counts, duration_ms: Date.now() - begun });
}

/** `unfinished`: jobs that have more to do at the next run. */
type Ran = { counts: Counts & { unfinished: number }; failures: string[] };

/** Job after job, one statement each, and again while there is something left: a backlog of one starves no other. */
async function runJobs(db: Env["DB"], sites: readonly Site[], now: number, bounds: Bounds): Promise<Ran> {
  const known = await eventSites(db);
  const failures = known.ok ? [] : [`events: ${known.detail}`];
  const counts: Counts = { sessions: 0, logins: 0, joins: 0, events: 0, statements: 1 };
  let jobs = jobsOf(sites, known.ok ? known.value : [], now);
  while (jobs.length > 0) {
    const unfinished: Job[] = [];
    for (const [index, job] of jobs.entries()) {
      if (counts.statements >= bounds.statements) {
        return { counts: { ...counts, unfinished: unfinished.length + jobs.length - index }, failures };
      }
      const deleted = await deleteRows(db, job.task, bounds.rows, job.values);
      counts.statements++;
      if (!deleted.ok) failures.push(`${job.task}: ${deleted.detail}`);
      else {
        counts[job.count] += deleted.value;
        if (deleted.value >= bounds.rows) unfinished.push(job);
      }
    }
    jobs = unfinished;
  }
  return { counts: { ...counts, unfinished: 0 }, failures };
}

function jobsOf(sites: readonly Site[], eventSiteIds: readonly string[], now: number): Job[] {
  const dayAgo = now - DAY_SECONDS;
  const days = new Map(sites.map(({ id, eventsDays }) => [id, eventsDays]));
  return [
    { count: "sessions", task: "oldSessions", values: [dayAgo] },
    { count: "sessions", task: "expiredSessions", values: [now, dayAgo] },
    { count: "logins", task: "oldLogins", values: [now - LOGIN_KEPT_SECONDS] },
    { count: "joins", task: "leftoverJoins", values: [] },
    // A site that is configured no more leaves its events behind: those go after the usual time.
    ...eventSiteIds.map((site): Job => {
      const kept = days.get(site) ?? SITE_OPTIONS.events_days.default;
      return { count: "events", task: "oldEvents", values: [site, now - kept * DAY_SECONDS] };
    }),
  ];
}
