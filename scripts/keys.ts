/** `npm run keys`: fresh secrets as lines of .dev.vars, and their rotation in a file of that form. */
import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import { parseArgs, parseEnv } from "node:util";
import { configuredHosts, hostList, newApiKey, withApiKey } from "./lib/api-keys.ts";
import { assertionKeySet, devVarsLine, newAssertionKey, newGatewayKey } from "./lib/new-keys.ts";
import { type KeyPairing, nextStep, ROTATIONS, type Rotation, rotate, stageOf } from "./lib/rotation.ts";
import { readText } from "./lib/text-file.ts";
import { writeVars } from "./lib/vars-file.ts";
import { readWranglerFile } from "./lib/wrangler-file.ts";

const HELP = `npm run keys

Prints a fresh GATEWAY_SECRET (seals cookies and tokens) and ASSERTION_KEYS (signs assertions) as lines of
.dev.vars, and the commands that give them to Cloudflare. Nothing is stored. Use other keys in production than
locally, and never commit them:

  npm run -s keys >> .dev.vars

npm run keys -- --rotate add|use|drop [--file .dev.vars.production]

Rotates the keys that the file holds, in stages that sign nobody out and break no origin; each stage is deployed
before the next one. Cloudflare does not give secrets back, so keep that file where you keep secrets.

  add    a new key is published and opens, but does not sign yet
  use    the new key signs and seals; the old one still opens
  drop   the old key goes

npm run keys -- --api NAME [--scopes read,write] [--hosts a,b] [--file .dev.vars.production]

Makes a key of the management API (docs/api.md) and prints its token, once: only its digest is kept, in API_KEYS.
With --file the key is added to the API_KEYS of that file; else API_KEYS with this one key is printed, which ends every
earlier key. Without --hosts the key is for every site in wrangler.toml. To take a key away, remove its entry.
`;

async function printFresh(): Promise<void> {
  const keySet = assertionKeySet([await newAssertionKey()]);
  console.log(
    [
      "# Secrets: keep them out of the repository. In production, run each command and paste the value",
      "# (without the quotes) when it asks:",
      "#   npx wrangler secret put GATEWAY_SECRET",
      "#   npx wrangler secret put ASSERTION_KEYS",
      devVarsLine("GATEWAY_SECRET", newGatewayKey()),
      devVarsLine("ASSERTION_KEYS", keySet),
    ].join("\n"),
  );
}

function readKeys(file: string): KeyPairing {
  if (!existsSync(file)) throw new Error(`${file} is not there; name the file that holds your keys with --file`);
  const { GATEWAY_SECRET = "", ASSERTION_KEYS = "" } = parseEnv(readText(file));
  const gateway = GATEWAY_SECRET.split(",").flatMap((key) => key.trim() || []);
  let assertion: KeyPairing["assertion"];
  try {
    ({ keys: assertion } = JSON.parse(ASSERTION_KEYS));
  } catch {
    throw new Error(`${file}: ASSERTION_KEYS is no JSON; npm run doctor says more`);
  }
  if (gateway.length === 0 || !Array.isArray(assertion))
    throw new Error(`${file}: GATEWAY_SECRET or ASSERTION_KEYS is missing`);
  return { gateway, assertion };
}

async function rotateFile(file: string, rotation: Rotation): Promise<void> {
  const keys = readKeys(file);
  const newest = Math.max(0, ...keys.assertion.map(({ iat }) => iat ?? 0));
  const made = await newAssertionKey();
  const newKey = { ...made, iat: Math.max(made.iat, newest + 1) }; // newer than all, also within one second
  const rotated = rotate(keys, rotation, () => ({ gateway: [newGatewayKey()], assertion: [newKey] }));
  if ("refused" in rotated) throw new Error(`${file}: ${rotated.refused}`);
  writeVars(file, {
    GATEWAY_SECRET: devVarsLine("GATEWAY_SECRET", rotated.gateway.join(",")),
    ASSERTION_KEYS: devVarsLine("ASSERTION_KEYS", assertionKeySet(rotated.assertion)),
  });
  const stage = stageOf(rotated);
  console.log(`${file}: stage "${stage}", ${rotated.gateway.length} keys of each.`);
  console.log(deployStep(file));
  if (stage !== "steady") console.log(`Then: ${nextStep(stage, file)}`);
}

type ApiKeyOptions = Record<"scopes" | "hosts" | "file", string | undefined> & { name: string };

function addApiKey({ name, scopes, hosts, file }: ApiKeyOptions): void {
  if (file !== undefined && isDemo(file) && !existsSync(file))
    throw new Error(`${file} is not there yet: run npm start once first, and stop it`);
  const names = hosts === undefined ? configuredHosts(readWranglerFile("wrangler.toml")) : hostList(hosts);
  const { token, entry } = newApiKey(name, scopes, names);
  const old = file !== undefined && existsSync(file) ? parseEnv(readText(file)).API_KEYS : undefined;
  const value = withApiKey(old ?? "", entry);
  if (file !== undefined) writeVars(file, { API_KEYS: devVarsLine("API_KEYS", value) });
  console.log(
    [
      `# Key "${name}" (${entry.scopes.join(", ")}) for ${entry.hosts.join(", ")}. Its token, shown only now:`,
      token,
      file === undefined
        ? "# In production run npx wrangler secret put API_KEYS and paste the value, without the quotes, when it asks. It replaces the whole list: where there are keys already, make this one with --file FILE instead."
        : `# API_KEYS in ${file} has the key. ${deployStep(file)}`,
      ...(file === undefined ? [devVarsLine("API_KEYS", value)] : []),
    ].join("\n"),
  );
}

/** What `npm start` makes and reads. */
const isDemo = (file: string) => resolve(file).startsWith(resolve(".wrangler"));

/** Keys of one's own machine must never replace those of the Worker that wrangler.toml names. */
function deployStep(file: string): string {
  if (isDemo(file)) return "Restart npm start.";
  return basename(file) === ".dev.vars"
    ? "Restart wrangler dev: these are this machine's secrets, not those of the deployed Worker."
    : `Deploy it: npx wrangler secret bulk ${file}`;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      help: { type: "boolean", short: "h" },
      rotate: { type: "string" },
      api: { type: "string" },
      scopes: { type: "string" },
      hosts: { type: "string" },
      file: { type: "string" },
    },
  });
  const { api, scopes, hosts, file } = values;
  if (values.help) return console.log(HELP);
  if (file?.endsWith(".toml")) throw new Error(`${file} is no file of secrets: .dev.vars.production is one`);
  if (api !== undefined) return addApiKey({ name: api, scopes, hosts, file });
  if (values.rotate === undefined) return printFresh();
  const rotation = ROTATIONS.find((name) => name === values.rotate);
  if (rotation === undefined) throw new Error(`--rotate takes ${ROTATIONS.join(", ")}`);
  return rotateFile(values.file ?? ".dev.vars", rotation);
}

try {
  await main();
} catch (error) {
  console.error(`keys: ${error instanceof Error ? error.message : error}\n\nnpm run keys -- --help tells more.`);
  process.exitCode = 1;
}
