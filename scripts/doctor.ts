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
  exposedSecretFindings,
  type Finding,
  leftoverFindings,
  settingFindings,
} from "./lib/doctor-settings.ts";
import { styled } from "./lib/terminal.ts";
import { sizeFindings } from "./lib/var-sizes.ts";
import { readLocalSecrets, readWranglerFile } from "./lib/wrangler-file.ts";

const HELP = `npm run doctor [-- --config wrangler.toml]

Checks the configuration as the Worker would, and the settings around it. Secrets come from .dev.vars beside the
file and from the environment; their values are never printed. Ends with 1 when there is a mistake.
`;

function unseenFindings({ unseen }: Examined): Finding[] {
  if (unseen.length === 0) return [];
  const remedy = "Nothing, if `npx wrangler secret list` names all; else: npx wrangler secret put NAME.";
  return [{ level: "warning", key: unseen.join(", "), problem: "not here, so they could not be checked", remedy }];
}

async function diagnose(path: string): Promise<boolean> {
  const wrangler = readWranglerFile(path);
  const local = readLocalSecrets(path);
  const examined = await examine(wrangler, local);
  const { parsed, env } = examined;
  const config = parsed.ok ? parsed.config : null;
  const findings = [
    ...settingFindings(wrangler, config),
    ...sizeFindings(env),
    ...exposedSecretFindings(wrangler, config),
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

  console.log(`${path}${local.file === null ? ", no .dev.vars" : ` and ${local.file}`}\n`);
  for (const site of config?.sites ?? []) console.log(siteSection(site));
  if (config !== null) {
    const keys = (name: string, count: number) => (examined.unseen.includes(name) ? "not here" : String(count));
    console.log(`GATEWAY_SECRET keys: ${keys("GATEWAY_SECRET", config.gatewayKeys.length)}`);
    console.log(`ASSERTION_KEYS keys: ${keys("ASSERTION_KEYS", config.assertionKeys.length)}`);
    if (examined.unseen.length === 0) console.log(rotationLine(env));
    console.log("");
    if (!config.simulated) console.log(registrationSection(config));
  }
  console.log(sizeSection(env));
  if (warnings.length > 0) console.log(section(styled("yellow", "Warnings"), findingList(warnings)));
  if (found.length > 0)
    console.log(section(styled("red", "Mistakes in the deployment's settings"), findingList(found)));
  if (unparsed.length > 0) console.log(`${formatMistakes(unparsed)}\n`);

  const mistakes = found.length + unparsed.length;
  console.log(summary(config, mistakes, warnings.length));
  return mistakes === 0;
}

try {
  const { values } = parseArgs({
    options: { config: { type: "string", default: "wrangler.toml" }, help: { type: "boolean", short: "h" } },
  });
  if (values.help) console.log(HELP);
  else if (!(await diagnose(resolve(values.config)))) process.exitCode = 1;
} catch (error) {
  console.error(`doctor: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
