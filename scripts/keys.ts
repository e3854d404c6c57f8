/** `npm run keys`: fresh secrets as lines of .dev.vars, and how to give them to Cloudflare. */
import { parseArgs } from "node:util";
import { assertionKeySet, devVarsLine, newAssertionKey, newGatewayKey } from "./lib/new-keys.ts";

const HELP = `npm run keys

Prints a fresh GATEWAY_SECRET (seals cookies and tokens) and ASSERTION_KEYS (signs assertions) as lines of
.dev.vars, and the commands that give them to Cloudflare. Nothing is stored. Use other keys in production than
locally, and never commit them:

  npm run -s keys >> .dev.vars
`;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { help: { type: "boolean", short: "h" } } });
  if (values.help) {
    console.log(HELP);
    return;
  }
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

try {
  await main();
} catch (error) {
  console.error(`keys: ${error instanceof Error ? error.message : error}\n\n${HELP}`);
  process.exitCode = 1;
}
