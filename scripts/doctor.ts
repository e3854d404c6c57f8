/** `npm run doctor`: checks wrangler.toml and .dev.vars with the parser that the Worker itself uses. */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { formatMistakes } from "../src/config/mistakes.ts";
import { type Examined, examine } from "./lib/doctor-parse.ts";
import {
  findingList,
  registrationSection,
  rotationLine,
  section,
  siteSection,
  sizeSection,
  summary,
} from "./lib/doctor-report.ts";
import { spellingFindings } from "./lib/doctor-rules.ts";
import {
  apiKeyFindings,
  appSecretFindings,
  domainFindings,
  environmentFindings,
  exposedSecretFindings,
  type Finding,
  leftoverFindings,
  misspeltFindings,
  settingFindings,
} from "./lib/doctor-settings.ts";
import { styled } from "./lib/terminal.ts";
import { sizeFindings } from "./lib/var-sizes.ts";
import { environmentOf, readLocalSecrets, readSecrets, readWranglerFile, tableAt } from "./lib/wrangler-file.ts";

const HELP = `npm run doctor [-- --config wrangler.toml] [--env NAME] [--secrets FILE]

Checks the configuration as the Worker would, and the settings around it. Secrets come from .dev.vars beside the
file and from the environment; their values are never printed. Ends with 1 when there is a mistake.

With --env (or CLOUDFLARE_ENV, which wrangler obeys too) it checks [env.NAME] with what that inherits, and secrets come
from .dev.vars.NAME if it is there. Without, it checks the top level, and names the environments that were not checked.

With --secrets they come from that file, such as .dev.vars.production before \`npx wrangler secret bulk\`; what it does not
hold, Cloudflare may have.
`;

const KEYS = ["GATEWAY_SECRET", "ASSERTION_KEYS"];

function unseenFindings({ unseen }: Examined): Finding[] {
  if (unseen.length === 0) return [];
  const remedy = "Nothing, if `npx wrangler secret list` names all; else: npx wrangler secret put NAME.";
  return [{ level: "warning", key: unseen.join(", "), problem: "not here, so they could not be checked", remedy }];
}

/** Commands that are printed for an environment must not change the secrets of another Worker. */
const forEnvironment = (text: string, name: string | null) =>
  name === null
    ? text
    : text.replace(/npx wrangler secret (?:put|list|bulk)/g, (command) => `${command} --env ${name}`);

type Question = { path: string; name: string | null; secrets: string | undefined };

async function diagnose({ path, name, secrets }: Question): Promise<boolean> {
  const file = readWranglerFile(path);
  const { settings: wrangler, without } = name === null ? { settings: file, without: [] } : environmentOf(file, name);
  const local =
    secrets === undefined
      ? readLocalSecrets(path, name)
      : { file: secrets, values: readSecrets(resolve(secrets)), isWhole: false };
  const print = (text: string) => console.log(forEnvironment(text, name));
  const examined = await examine(wrangler, local);
  const { parsed, env } = examined;
  const config = parsed.ok ? parsed.config : null;
  const findings = [
    ...(name === null ? [] : environmentFindings(name, without)),
    ...settingFindings(wrangler, config),
    ...sizeFindings(env),
    ...exposedSecretFindings(wrangler, config),
    ...misspeltFindings(env, config),
    ...leftoverFindings(config),
    ...appSecretFindings(config, examined.unseen),
    ...domainFindings(config),
    ...apiKeyFindings(config),
    ...spellingFindings(config),
    ...unseenFindings(examined),
  ];
  const found = findings.filter(({ level }) => level === "mistake");
  // To the parser, a setting of wrangler's that TOML put into a site is an option that nobody knows.
  const misread = new Set(found.map(({ key }) => key.replace(/^vars\./, "")));
  const unparsed = parsed.ok ? [] : parsed.mistakes.filter(({ key }) => !misread.has(key));
  const warnings = [...(parsed.ok ? parsed.warnings : []), ...findings.filter(({ level }) => level === "warning")];

  const part = name === null ? "" : `, [env.${name}]`;
  print(`${path}${part}${local.file === null ? ", no .dev.vars" : ` and ${local.file}`}\n`);
  for (const site of config?.sites ?? []) print(siteSection(site));
  if (config !== null) {
    const keys = (name: string, count: number) => (examined.unseen.includes(name) ? "not here" : String(count));
    print(`GATEWAY_SECRET keys: ${keys("GATEWAY_SECRET", config.gatewayKeys.length)}`);
    print(`ASSERTION_KEYS keys: ${keys("ASSERTION_KEYS", config.assertionKeys.length)}`);
    if (KEYS.every((key) => !examined.unseen.includes(key))) print(rotationLine(env));
    print("");
    if (!config.simulated) print(registrationSection(config));
  }
  print(sizeSection(env));
  if (warnings.length > 0) print(section(styled("yellow", "Warnings"), findingList(warnings)));
  if (found.length > 0) print(section(styled("red", "Mistakes in the deployment's settings"), findingList(found)));
  if (unparsed.length > 0) print(`${formatMistakes(unparsed)}\n`);

  if (name === null) {
    for (const other of Object.keys(tableAt(file, "env"))) {
      print(`[env.${other}] was not checked: npm run doctor -- --env ${other}`);
    }
  }
  const mistakes = found.length + unparsed.length;
  print(summary(config, mistakes, warnings.length));
  return mistakes === 0;
}

try {
  const { values } = parseArgs({
    options: {
      config: { type: "string", short: "c", default: "wrangler.toml" },
      env: { type: "string", short: "e" },
      secrets: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  const name = (values.env ?? process.env.CLOUDFLARE_ENV) || null; // wrangler takes --env="" for the top level
  if (values.help) console.log(HELP);
  else if (!(await diagnose({ path: resolve(values.config), name, secrets: values.secrets }))) process.exitCode = 1;
} catch (error) {
  console.error(`doctor: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
