/** `npm run selftest`: asks an origin as an internet visitor would, past the gateway, and reports what it accepted. */
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { parseArgs } from "node:util";
import type { JWK } from "jose";
import { FORGED_OPENID, type Forgery, forgedAssertions, forgedHeaders } from "./lib/forgeries.ts";

const HELP = `npm run selftest -- --origin https://origin.example.net --site https://www.example.com [--path /account]

Sends forged identity headers and bad assertions straight to your origin, without the lock key, and compares the
answers with those to a visitor whom nobody signed in. Only ask an origin of your own.

  --origin  the origin's own address, as the internet could reach it
  --site    the address that visitors see: the audience of assertions; its keys are read from /_wx/jwks.json
  --path    a path that shows who is signed in (default /); give the one that matters most

Ends with 1 if the origin accepted anything.
`;

const TIMEOUT_MS = 10_000;
const BODY_MAX_BYTES = 1_000_000;

type Answer = { status: number; location: string; body: string };

/** Not `fetch`: a header's spelling must go out as it is written. */
function ask(url: URL, host: string, headers: Record<string, string>): Promise<Answer> {
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const options = {
      headers: { Host: host, Accept: "text/html", ...headers },
      servername: host.split(":")[0],
      timeout: TIMEOUT_MS,
    };
    const call = send(url, options, (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on("data", (chunk: Buffer) => {
        length += chunk.length;
        if (length <= BODY_MAX_BYTES) chunks.push(chunk);
      });
      response.on("end", () => {
        const body = Buffer.concat(chunks).toString("utf8");
        resolve({ status: response.statusCode ?? 0, location: response.headers.location ?? "", body });
      });
      response.on("error", reject);
    });
    call.on("timeout", () => call.destroy(new Error(`no answer within ${TIMEOUT_MS / 1_000} s`)));
    call.on("error", reject);
    call.end();
  });
}

/** Why an answer shows that the forgery worked; `null` = it did not. */
function acceptance(nobody: Answer, forged: Answer): string | null {
  if (forged.body.includes(FORGED_OPENID) && !nobody.body.includes(FORGED_OPENID))
    return "the page names the forged openid";
  if (forged.status < 300 && nobody.status >= 300) return `status ${forged.status} instead of ${nobody.status}`;
  if (forged.status < 400 && forged.location !== nobody.location)
    return `redirects to ${forged.location || "nowhere"} instead`;
  return null;
}

async function publishedKeys(site: string): Promise<JWK[]> {
  try {
    const answer = await fetch(new URL("/_wx/jwks.json", site), { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const set: { keys?: JWK[] } = await answer.json();
    return set.keys ?? [];
  } catch {
    console.log(`The keys of ${site} could not be read; forgeries that need the public key are left out.`);
    return [];
  }
}

async function selftest(origin: URL, site: string): Promise<number> {
  const { host } = new URL(site);
  const nobody = await ask(origin, host, {});
  const isOpen = nobody.status < 400;
  console.log(
    `${origin.href} answers ${nobody.status} to a visitor who comes past the gateway${isOpen ? ": it is not locked" : ""}.`,
  );
  if (isOpen)
    console.log(
      "  → Lock it (X-Origin-Key, Authenticated Origin Pulls, a tunnel), see README.md; or rely on the assertion.\n",
    );

  const forgeries: Forgery[] = [...forgedHeaders(), ...(await forgedAssertions(site, await publishedKeys(site)))];
  let accepted = 0;
  for (const { name, headers } of forgeries) {
    const why = acceptance(nobody, await ask(origin, host, headers));
    if (why !== null) accepted++;
    console.log(`${why === null ? "refused " : "ACCEPTED"}  ${name}${why === null ? "" : `: ${why}`}`);
  }
  console.log(`\nselftest: ${forgeries.length} forgeries, ${accepted} accepted.`);
  return accepted;
}

try {
  const { values } = parseArgs({
    options: {
      origin: { type: "string" },
      site: { type: "string" },
      path: { type: "string", default: "/" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) console.log(HELP);
  else if (values.origin === undefined || values.site === undefined) throw new Error("--origin and --site are needed");
  else if ((await selftest(new URL(values.path, values.origin), new URL(values.site).origin)) > 0) process.exitCode = 1;
} catch (error) {
  console.error(
    `selftest: ${error instanceof Error ? error.message : error}\n\nnpm run selftest -- --help tells more.`,
  );
  process.exitCode = 2;
}
