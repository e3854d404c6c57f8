/** One table of site options as it was written, with what concerns it alone. */
import { complain } from "./complaint.ts";
import type { Mistakes } from "./mistakes.ts";
import { checkHeaderSecret, type Vars } from "./secrets.ts";
import { SESSION_OPTIONS } from "./session-options.ts";
import { joinKey } from "./show.ts";
import { SITE_OPTIONS, type SiteOptions } from "./site-options.ts";
import { isTable, missing, readTable, type Values } from "./table.ts";
import { readTemplate } from "./values/template.ts";
import type { RawTable } from "./vars.ts";

/** A site's table, or DEFAULTS. */
export type Source = RawTable & { values: Values<SiteOptions> };

/** What a table's options are checked against. */
export type Surroundings = {
  env: Vars;
  /** WeChat is the simulator. */
  simulated: boolean;
  /** Names of secrets that hold an AppSecret. */
  appSecrets: ReadonlySet<unknown>;
  hasBinding: (name: string) => boolean;
  mistakes: Mistakes;
};

function hint(key: string) {
  if (!Object.hasOwn(SESSION_OPTIONS, key)) return null;
  return complain("is an option of session", `Write session = { ${key} = "…" }.`);
}

function checkBindings({ key, values }: Source, { hasBinding, mistakes }: Surroundings): void {
  const remedy =
    "Declare it in wrangler.toml ([[services]], [[vpc_services]], [[mtls_certificates]]), or correct the name.";
  const { origin, via } = values;
  const named = { origin: origin?.kind === "binding" ? origin.name : undefined, via };
  for (const [option, name] of Object.entries(named)) {
    if (name === undefined || hasBinding(name)) continue;
    mistakes.add(`${key}.${option}`, name, complain("names no binding that can fetch", remedy));
  }
}

/** Looks at what is written: another header's mistake must not hide a missing secret. */
function checkHeaderSecrets({ key, raw }: RawTable, { env, appSecrets, mistakes }: Surroundings): void {
  for (const [name, value] of Object.entries(isTable(raw.headers) ? raw.headers : {})) {
    const template = typeof value === "string" ? readTemplate(value) : null;
    if (template !== null && "secretName" in template) {
      const { secretName } = template;
      const header = joinKey(key, ["headers", name]);
      if (appSecrets.has(secretName)) {
        mistakes.add(header, value, complain("would send an AppSecret to the origin", "Name a secret of its own."));
      } else checkHeaderSecret(env, secretName, header, mistakes);
    }
  }
}

function readSource(table: RawTable, surroundings: Surroundings): Source {
  const { mistakes, simulated } = surroundings;
  const { values, issues } = readTable(SITE_OPTIONS, table.raw, hint);
  mistakes.add(table.key, table.raw, { issues });
  const source = { ...table, values };
  if (values.outside === "flow" && !simulated) {
    const remedy = 'Write "guide" or "deny": outside WeChat, browsers cannot take the flow.';
    mistakes.add(
      `${table.key}.outside`,
      "flow",
      complain("works only with a WECHAT_OPEN_URL on http://localhost", remedy),
    );
  }
  checkBindings(source, surroundings);
  checkHeaderSecrets(table, surroundings);
  return source;
}

/** Reads DEFAULTS: any option but the host. */
export function readDefaults(table: RawTable, surroundings: Surroundings): Source {
  const { host, ...raw } = table.raw;
  if (host !== undefined) {
    const remedy = "Give each site its own under [[vars.SITES]].";
    surroundings.mistakes.add(`${table.key}.host`, host, complain("cannot be shared by sites", remedy));
  }
  return readSource({ key: table.key, raw }, surroundings);
}

/** Reads one site; what is required must be here or in DEFAULTS. */
export function readSite(table: RawTable, defaults: Source, surroundings: Surroundings): Source {
  const source = readSource(table, surroundings);
  const issues = missing(SITE_OPTIONS, { ...defaults.raw, ...source.raw });
  surroundings.mistakes.add(table.key, table.raw, { issues });
  return source;
}
