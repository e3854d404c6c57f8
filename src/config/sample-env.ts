/** A valid environment, for tests. */

import type { Config, Mistake, Warning } from "./config.ts";
import { parseConfig } from "./parse.ts";
import type { Vars } from "./secrets.ts";
import { collectWarnings } from "./warnings.ts";

const SAMPLE_APP_ID = "wx0123456789abcdef";
export const SAMPLE_APP_SECRET = "a-secret-of-the-tests";
export const SAMPLE_JWK = {
  kty: "EC",
  crv: "P-256",
  x: "vaiPDfMS3DNGZaT-83VCJlgy5Om2SmvII4HWkzxrHsE",
  y: "dOHGKyjKMg8bH5Ww8CP3A96N-FmErQfsN3D49aCXRlM",
  d: "vRLBRbYqCHmjXayy1tsz8dCc7zYwi6pfXyfhcm-VsIs",
};
export const SAMPLE_SITE = { host: "www.example.com", origin: "zone", app_id: SAMPLE_APP_ID };
export const SAMPLE_SECRETS = {
  WECHAT_APP_SECRET: SAMPLE_APP_SECRET,
  GATEWAY_SECRET: "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA",
  ASSERTION_KEYS: JSON.stringify({ keys: [SAMPLE_JWK] }),
};

/** An environment with these sites; `vars` adds to it or replaces. */
export function sampleEnv(sites: unknown = [SAMPLE_SITE], vars: Vars = {}): Vars {
  return { ...SAMPLE_SECRETS, SITES: sites, ...vars };
}

/** An environment with one site, whose options add to the sample's or replace them. */
export function oneSite(options: Record<string, unknown>, vars: Vars = {}): Vars {
  return sampleEnv([{ ...SAMPLE_SITE, ...options }], vars);
}

/** The mistakes of an environment. */
export async function mistakesOf(env: Vars): Promise<Mistake[]> {
  const parsed = await parseConfig(env);
  return parsed.ok ? [] : parsed.mistakes;
}

/** The keys that the mistakes are about. */
export async function mistakenKeys(env: Vars): Promise<string[]> {
  return (await mistakesOf(env)).map(({ key }) => key);
}

/** The configuration of an environment without mistakes. */
export async function configOf(env: Vars): Promise<Config> {
  const parsed = await parseConfig(env);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.mistakes, null, 2));
  return parsed.config;
}

/** The warnings of an environment without mistakes. */
export async function warningsOf(env: Vars): Promise<Warning[]> {
  const parsed = await parseConfig(env, { warn: collectWarnings });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.mistakes, null, 2));
  return parsed.warnings;
}
