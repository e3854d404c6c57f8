import type { ParsedConfig } from "./config/config.ts";
import { formatMistakes } from "./config/mistakes.ts";
import { parseConfig } from "./config/parse.ts";
import { type Env, versionOf } from "./env.ts";
import { log } from "./log.ts";
import { createRuntime, type Runtime } from "./runtime.ts";

export type Loaded = { ok: true; runtime: Runtime } | { ok: false };

/** Values, not promises: an isolate must not await another request's work. */
const loadedByEnv = new WeakMap<Env, Loaded>();

/** Without a promise, for the usual request; `null` = ask `loadRuntime`. */
export function rememberedRuntime(env: Env): Loaded | null {
  return loadedByEnv.get(env) ?? null;
}

/**
 * The isolate's runtime, prepared at its first request. A configuration with mistakes is remembered too, and logged
 * once with the very text that `npm run doctor` prints.
 */
export async function loadRuntime(env: Env): Promise<Loaded> {
  const known = rememberedRuntime(env);
  if (known !== null) return known;
  const parsed: ParsedConfig = await parseConfig(env);
  const loaded: Loaded = parsed.ok ? { ok: true, runtime: await createRuntime(env, parsed.config) } : { ok: false };
  const first = loadedByEnv.get(env);
  if (first !== undefined) return first; // another first request was quicker
  loadedByEnv.set(env, loaded);
  if (!parsed.ok) {
    log(versionOf(env), {
      event: "config_error",
      level: "error",
      code: "config_invalid",
      detail: formatMistakes(parsed.mistakes),
    });
  }
  return loaded;
}
