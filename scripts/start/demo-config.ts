/** Writes what `wrangler dev` runs on: demo/wrangler.toml with the ports of this run, and development keys. */

import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { parse, stringify, type TomlTable, type TomlValue } from "smol-toml";
import { assertionKeySet, newAssertionKey, newGatewayKey } from "../lib/new-keys.ts";
import { DEFAULT_PORTS, type Ports } from "./options.ts";

type DemoFiles = {
  /** The effective wrangler file; its `.dev.vars` lies beside it, so that the user's own stays untouched. */
  config: string;
  /** D1 and KV of the demo. */
  state: string;
};

/** Writes the effective configuration below the ignored `.wrangler/` and makes keys once. */
export async function writeDemoFiles(root: string, ports: Ports): Promise<DemoFiles> {
  const template = join(root, "demo", "wrangler.toml");
  // A second demo beside the first has another port, and must not rewrite what the first one watches.
  const suffix = ports.gateway === DEFAULT_PORTS.gateway ? "" : `-${ports.gateway}`;
  const config = join(root, ".wrangler", `demo${suffix}`, "wrangler.toml");
  mkdirSync(dirname(config), { recursive: true });
  const effective = effectiveConfig(readFileSync(template, "utf8"), dirname(template), dirname(config), ports);
  writeFileSync(config, `# Made by npm start from demo/wrangler.toml: edit that one.\n\n${effective}`);
  await writeSecretsOnce(join(dirname(config), ".dev.vars"));
  return { config, state: join(root, ".wrangler", `demo-state${suffix}`) };
}

function effectiveConfig(template: string, from: string, to: string, ports: Ports): string {
  const config = parse(template);
  const moved = (path: TomlValue | undefined) =>
    relative(to, join(from, String(path)))
      .split(sep)
      .join("/");
  config.main = moved(config.main);
  for (const database of tables(config.d1_databases)) database.migrations_dir = moved(database.migrations_dir);
  for (const vars of tables([config.vars ?? {}])) {
    vars.WECHAT_OPEN_URL = `http://localhost:${ports.simulator}`;
    vars.WECHAT_API_URL = `http://localhost:${ports.simulator}`;
    for (const site of tables(vars.SITES)) {
      site.host = `localhost:${ports.gateway}`;
      site.origin = `http://localhost:${ports.origin}`;
    }
  }
  return stringify(config);
}

function tables(value: TomlValue | undefined): TomlTable[] {
  if (!Array.isArray(value)) return [];
  return value.filter(
    (one): one is TomlTable => typeof one === "object" && !(one instanceof Date) && !Array.isArray(one),
  );
}

async function writeSecretsOnce(path: string): Promise<void> {
  const old = existsSync(path) ? readFileSync(path, "utf8") : "";
  const makers: Record<string, () => string | Promise<string>> = {
    GATEWAY_SECRET: newGatewayKey,
    ASSERTION_KEYS: async () => assertionKeySet([await newAssertionKey()]),
    WECHAT_APP_SECRET: () => randomBytes(16).toString("hex"),
  };
  let text = old;
  for (const [name, make] of Object.entries(makers)) {
    if (!new RegExp(`^${name}=.`, "m").test(old)) text += `${name}='${await make()}'\n`;
  }
  if (text !== old) writeFileSync(path, text, { mode: 0o600 });
}
