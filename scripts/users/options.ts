/** The command line of `npm run users`. */
import { parseArgs } from "node:util";

export const HELP = `npm run users -- import FILE [options]
npm run users -- export [options]

Brings a site's known openids into wxgate, and takes them out again. CSV (RFC 4180, UTF-8, with a header row) or NDJSON,
with the columns openid, appid, unionid, site_user, nickname in any order; only openid is needed, appid is the site's
account where it is left out. Safe to run again: what is stored already is left as it is.

Into this machine's D1 (what wrangler dev and npm start use), or with --url through the API of a deployed gateway:

  --site HOST        whose site_user it is; needed where the configuration has several sites
  --config FILE      default wrangler.toml
  --persist-to DIR   default .wrangler/state beside the wrangler file
  --url URL          the site's address, for example https://www.example.com
  --key-file FILE    holds the API key; or the environment variable WXGATE_API_KEY

import FILE          - is standard input
  --format csv|ndjson   default: by the file's name
  --report FILE      refused rows, one a line, go there as well as to standard error
export
  --format csv|ndjson   default: by the name of --out, else csv
  --out FILE         default -, standard output; then with npm run -s, or npm's own lines come first

Ends with 1 when a row was refused or something failed, with 130 after Ctrl-C.
`;

export type Format = "csv" | "ndjson";
export type Target =
  | { kind: "local"; site: string | null; config: string; persistTo: string | null }
  | { kind: "api"; url: URL; keyFile: string | null };
export type Command =
  | { kind: "help" }
  | { kind: "import"; file: string; format: Format; report: string | null; target: Target }
  | { kind: "export"; out: string; format: Format; target: Target };

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Throws an Error whose message is for the user. */
export function readCommand(args: readonly string[]): Command {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      site: { type: "string" },
      config: { type: "string" },
      "persist-to": { type: "string" },
      url: { type: "string" },
      "key-file": { type: "string" },
      format: { type: "string" },
      report: { type: "string" },
      out: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  const [command, file, ...others] = positionals;
  if (values.help || command === undefined) return { kind: "help" };
  if (others.length > 0) throw new Error(`one file at a time: ${others.join(" ")} is too much`);
  const refuse = (names: ("report" | "out")[]) => {
    for (const name of names) if (values[name] !== undefined) throw new Error(`--${name} is not for ${command}`);
  };
  if (command === "import") {
    refuse(["out"]);
    if (file === undefined) throw new Error("name the file to import, or - for standard input");
    return {
      kind: "import",
      file,
      format: readFormat(values.format, file),
      report: values.report ?? null,
      target: readTarget(values),
    };
  }
  if (command === "export") {
    refuse(["report"]);
    if (file !== undefined) throw new Error(`give the file with --out: --out ${file}`);
    const out = values.out ?? "-";
    return {
      kind: "export",
      out,
      format: readFormat(values.format ?? (out === "-" ? "csv" : undefined), out),
      target: readTarget(values),
    };
  }
  throw new Error(`${command}: there are only import and export`);
}

function readFormat(given: string | undefined, file: string): Format {
  if (given === "csv" || given === "ndjson") return given;
  if (given !== undefined) throw new Error("--format takes csv or ndjson");
  if (/\.csv$/i.test(file)) return "csv";
  if (/\.(ndjson|jsonl)$/i.test(file)) return "ndjson";
  throw new Error(`${file}: say whether it is --format csv or --format ndjson`);
}

type TargetFlags = Partial<Record<"site" | "config" | "persist-to" | "url" | "key-file", string>>;

function readTarget(flags: TargetFlags): Target {
  const { url: address, "key-file": keyFile = null } = flags;
  if (address === undefined) {
    if (keyFile !== null) throw new Error("--key-file goes with --url");
    const { site = null, config = "wrangler.toml", "persist-to": persistTo = null } = flags;
    return { kind: "local", site, config, persistTo };
  }
  for (const name of ["site", "config", "persist-to"] as const) {
    if (flags[name] !== undefined)
      throw new Error(`--${name} is for this machine's D1; with --url the address says it all`);
  }
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new Error(`--url ${address}: not an address like https://www.example.com`);
  }
  if (url.protocol !== "https:" && !(url.protocol === "http:" && LOOPBACK.test(url.hostname))) {
    throw new Error(`--url ${address}: the key would travel in the clear; use https`);
  }
  return { kind: "api", url, keyFile };
}
