/** `npm run selftest`: asks an origin as an internet visitor would, past the gateway, and reports what it accepted. */
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP } from "node:net";
import { parseArgs } from "node:util";
import type { JWK } from "jose";
import { type Answer, acceptance, refuses, uncomparable } from "./lib/baseline.ts";
import { type Forgery, forgedAssertions, forgedHeaders } from "./lib/forgeries.ts";

const HELP = `npm run selftest -- --origin https://origin.example.net --site https://www.example.com [--path /account]

Sends forged identity headers and bad assertions straight to your origin, without the lock key, and compares the
answers with those to a visitor whom nobody signed in. Only ask an origin of your own. Its certificate is not checked:
nothing but forgeries is sent.

  --origin  the origin's own address, as the internet could reach it
  --site    the address that visitors see: the audience of assertions; its keys are read from /_wx/jwks.json
  --path    a path that shows who is signed in (default /); give the one that matters most

Ends with 0 if the origin refused everything, with 1 if it accepted anything, with 3 if a forgery had no effect on a
page that everybody gets (which proves nothing), with 2 if it could not be asked, or not there: it redirects to the same
page at another address, or answers everybody with 400, 421 or 426.
`;

const TIMEOUT_MS = 10_000;
const BODY_MAX_BYTES = 1_000_000;

/** Answers to nobody that are compared with: more than a few tell nothing new. */
const NOBODYS_MAX = 8;

const EXIT_ACCEPTED = 1;
const EXIT_NOT_ASKED = 2;
const EXIT_PROVES_NOTHING = 3;

/** Not `fetch`: a header's spelling must go out as it is written. */
function ask(url: URL, host: string, headers: Record<string, string>): Promise<Answer> {
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const name = new URL(`https://${host}`).hostname;
    const options = {
      headers: { Host: host, Accept: "text/html", ...headers },
      servername: isIP(name) ? "" : name,
      rejectUnauthorized: false, // an origin behind Cloudflare may have a certificate that only Cloudflare trusts
      timeout: TIMEOUT_MS,
    };
    const call = send(url, options, (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk.subarray(0, BODY_MAX_BYTES - length));
        length = Math.min(length + chunk.length, BODY_MAX_BYTES);
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

/** Two answers to nobody: what differs between them says nothing about a forgery. */
async function askAsNobody(origin: URL, host: string): Promise<Answer[]> {
  try {
    return [await ask(origin, host, {}), await ask(origin, host, {})];
  } catch (error) {
    const reason = error instanceof Error ? error.message || error.name : error;
    throw new Error(
      `${origin.href} could not be reached from here (${reason}). If your lock does that (a firewall, a client certificate), strangers stay outside; else correct --origin. Nothing was tested`,
    );
  }
}

/** Only the gateway serves its keys. */
async function isGateway(origin: URL, host: string, keys: readonly JWK[]): Promise<boolean> {
  const { status, body } = await ask(new URL("/_wx/jwks.json", origin), host, {});
  return status === 200 && keys.some(({ x }) => x !== undefined && body.includes(x));
}

function standing({ status }: Answer): string {
  if (status >= 300 && status < 400) return ": it redirects strangers, and is not locked.";
  if (refuses(status, false)) return ".";
  return status < 400 ? ": it is not locked." : ": that is no page to judge by.";
}

async function selftest(origin: URL, site: string, isChosen: boolean): Promise<number> {
  const { host } = new URL(site);
  const nobodys = await askAsNobody(origin, host);
  const keys = await publishedKeys(site);
  if (await isGateway(origin, host, keys)) {
    throw new Error("--origin is the gateway itself: give the address at which the origin answers without it");
  }
  const [nobody = { status: 0, location: "", body: "" }] = nobodys;
  const problem = uncomparable(origin, host, nobody);
  if (problem !== null) throw new Error(problem);
  console.log(`${origin.href} answers ${nobody.status} to a visitor who comes past the gateway${standing(nobody)}`);
  if (nobody.status < 400)
    console.log(
      "  → Lock it (X-Origin-Key, Authenticated Origin Pulls, a tunnel), see README.md; or rely on the assertion.\n",
    );

  const forgeries: Forgery[] = [...forgedHeaders(), ...(await forgedAssertions(site, keys))];
  const counts = { accepted: 0, refused: 0, "no effect": 0 };
  for (const { name, headers } of forgeries) {
    const answer = await ask(origin, host, headers);
    // Nobody is asked again before an alarm: the page may have changed by itself meanwhile.
    if (acceptance(nobodys, answer) !== null && nobodys.length < NOBODYS_MAX) nobodys.push(await ask(origin, host, {}));
    const why = acceptance(nobodys, answer);
    const verdict = why !== null ? "accepted" : refuses(answer.status, isChosen) ? "refused" : "no effect";
    counts[verdict]++;
    const word = verdict === "accepted" ? "ACCEPTED" : verdict;
    console.log(`${word.padEnd("no effect".length)} ${name}${why === null ? "" : `: ${why}`}`);
  }
  console.log(
    `\nselftest: ${forgeries.length} forgeries, ${counts.accepted} accepted, ${counts.refused} refused, ${counts["no effect"]} without effect.`,
  );
  if (counts.accepted > 0) return EXIT_ACCEPTED;
  if (counts["no effect"] === 0) return 0;
  console.log(
    `  → No effect proves nothing where everybody gets the page: lock the origin, or give --path a page that only somebody
    signed in gets.`,
  );
  return EXIT_PROVES_NOTHING;
}

function address(flag: "origin" | "site", text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && /^https?:$/.test(url.protocol)) return url;
  throw new Error(`--${flag} ${text}: is no address like https://www.example.com`);
}

try {
  const { values } = parseArgs({
    options: {
      origin: { type: "string" },
      site: { type: "string" },
      path: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) console.log(HELP);
  else if (values.origin === undefined || values.site === undefined) throw new Error("--origin and --site are needed");
  else {
    const origin = address("origin", values.origin);
    process.exitCode = await selftest(
      new URL(values.path ?? "/", origin),
      address("site", values.site).origin,
      values.path !== undefined,
    );
  }
} catch (error) {
  console.error(
    `selftest: ${error instanceof Error ? error.message : error}\n\nnpm run selftest -- --help tells more.`,
  );
  process.exitCode = EXIT_NOT_ASKED;
}
