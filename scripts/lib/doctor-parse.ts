/** Runs the Worker's parser on what a machine outside Cloudflare can know. */
import type { ParsedConfig } from "../../src/config/config.ts";
import { parseConfig } from "../../src/config/parse.ts";
import { collectWarnings } from "../../src/config/warnings.ts";
import { assertionKeySet, newAssertionKey, newGatewayKey } from "./new-keys.ts";
import { fetcherNames, type LocalSecrets, type Table, tableAt } from "./wrangler-file.ts";

export type Examined = {
  parsed: ParsedConfig;
  /** Variables and local secrets, as the Worker would get them. */
  env: Readonly<Record<string, unknown>>;
  /** Secrets that only Cloudflare has, if anybody: their values could not be checked. */
  unseen: string[];
};

/** Stands for a secret that is not here, so that everything else can be looked at. */
async function standIn(name: string): Promise<string> {
  if (name === "GATEWAY_SECRET") return newGatewayKey();
  if (name === "ASSERTION_KEYS") return assertionKeySet([await newAssertionKey()]);
  return `stand-in-${crypto.randomUUID()}`;
}

const missingIn = (parsed: ParsedConfig): string[] =>
  parsed.ok ? [] : parsed.mistakes.flatMap(({ missingSecret }) => missingSecret ?? []);

/** Parses; secrets come from the local file, then from the process. */
export async function examine(wrangler: Table, local: LocalSecrets): Promise<Examined> {
  const fetchers = fetcherNames(wrangler);
  const parse = (vars: Table) => parseConfig(vars, { hasBinding: (name) => fetchers.has(name), warn: collectWarnings });

  let env: Table = { ...tableAt(wrangler, "vars"), ...local.values };
  let parsed = await parse(env);
  // Only the names that the configuration asks for: the rest of the process's environment is none of its business.
  const exported = missingIn(parsed).flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []));
  if (exported.length > 0) {
    env = { ...env, ...Object.fromEntries(exported) };
    parsed = await parse(env);
  }

  const unseen = missingIn(parsed).filter((name) => !local.isWhole && !Object.hasOwn(local.values, name));
  if (unseen.length === 0) return { parsed, env, unseen };
  const stand: Table = {};
  for (const name of unseen) stand[name] = await standIn(name);
  return { parsed: await parse({ ...env, ...stand }), env, unseen };
}
