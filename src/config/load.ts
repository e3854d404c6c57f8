/** The parsed configuration, once per isolate. */
import type { Env } from "../env.ts";
import type { ParsedConfig } from "./config.ts";
import { parseConfig } from "./parse.ts";

/** Only finished values are kept: a promise of a request that is cancelled would never settle for the others. */
const parsed = new WeakMap<Env, ParsedConfig>();

async function parseAndKeep(env: Env): Promise<ParsedConfig> {
  const config = await parseConfig(env);
  parsed.set(env, config);
  return config;
}

/** The value itself once it is known, so that the hot path awaits nothing. */
export function loadConfig(env: Env): ParsedConfig | Promise<ParsedConfig> {
  return parsed.get(env) ?? parseAndKeep(env);
}
