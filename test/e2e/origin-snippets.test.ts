import { spawnSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/** The snippets of docs/origin/verify.md, each in its own runtime, against assertions of every bad kind. */

type Key = { publicKey: CryptoKey; privateKey: CryptoKey };
let server: Server;
let site: string;
let ours: Key;
let strangers: Key;

beforeAll(async () => {
  ours = await generateKeyPair("ES256", { extractable: true });
  strangers = await generateKeyPair("ES256", { extractable: true });
  const keys = [{ ...(await exportJWK(ours.publicKey)), kid: "ours", alg: "ES256", use: "sig" }];
  server = createServer((_, answer) => answer.end(JSON.stringify({ keys })));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

type Changes = { claims?: Record<string, unknown>; header?: Record<string, unknown>; key?: CryptoKey };

async function assertion({ claims = {}, header = {}, key = ours.privateKey }: Changes = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1_000);
  const all = {
    iss: site,
    aud: new URL(site).host,
    sub: "wxu_aaaaaaaaaaaaaaaaaaaaaaaaaa",
    openid: "oGZUI0egBJY1zhBYw2KhdUfwVJJE",
    iat: now,
    exp: now + 300,
    ...claims,
  };
  const known = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  return new SignJWT(known).setProtectedHeader({ alg: "ES256", typ: "wxgate+jwt", kid: "ours", ...header }).sign(key);
}

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Assertions that prove nothing, by what is wrong with them. */
async function forgeries(): Promise<Record<string, string>> {
  const now = Math.floor(Date.now() / 1_000);
  const good = await assertion();
  const [header = "", payload = "", signature = ""] = good.split(".");
  const unsigned = `${base64url({ alg: "none", typ: "wxgate+jwt" })}.${payload}`;
  const withPublicKey = `${base64url({ alg: "HS256", typ: "wxgate+jwt", kid: "ours" })}.${payload}`;
  const secret = await exportSPKI(ours.publicKey);
  const richer = base64url({ ...JSON.parse(Buffer.from(payload, "base64url").toString()), openid: "oSomebodyElse" });
  return {
    "alg none": `${unsigned}.`,
    "alg none with a signature": `${unsigned}.${signature}`,
    "HS256 with the public key": `${withPublicKey}.${createHmac("sha256", secret).update(withPublicKey).digest("base64url")}`,
    "another payload under the signature": `${header}.${richer}.${signature}`,
    "a stranger's key under our kid": await assertion({ key: strangers.privateKey }),
    "an unknown kid": await assertion({ header: { kid: "theirs" }, key: strangers.privateKey }),
    "another typ": await assertion({ header: { typ: "JWT" } }),
    "another audience": await assertion({ claims: { aud: "www.other.example" } }),
    "another issuer": await assertion({ claims: { iss: "https://www.other.example" } }),
    expired: await assertion({ claims: { iat: now - 400, exp: now - 100 } }),
    "valid for a year, but old": await assertion({ claims: { iat: now - 4_000, exp: now + 31_536_000 } }),
    "without an expiry": await assertion({ claims: { exp: undefined } }),
    "without an openid": await assertion({ claims: { openid: undefined } }),
    "from the future": await assertion({ claims: { iat: now + 600, exp: now + 900 } }),
    "a signature of zeros": `${header}.${payload}.${Buffer.alloc(64).toString("base64url")}`,
    "two parts": `${header}.${payload}`,
    empty: "",
    rubbish: "x.y.z",
  };
}

const NODE_CALL = `
  const { visitorOf } = await import(process.env.SNIPPET);
  for (const assertion of JSON.parse(process.env.ASSERTIONS)) {
    try { console.log((await visitorOf(assertion)).openid); } catch { console.log("refused"); }
  }`;
const PYTHON_CALL = `
import json, os, runpy
visitor_of = runpy.run_path(os.environ["SNIPPET"])["visitor_of"]
import jwt
for assertion in json.loads(os.environ["ASSERTIONS"]):
    try:
        print(visitor_of(assertion)["openid"])
    except jwt.PyJWTError:
        print("refused")`;
const PHP_CALL = `
  require getenv('SNIPPET');
  foreach (json_decode(getenv('ASSERTIONS')) as $assertion) echo (wxgate_visitor($assertion)['openid'] ?? 'refused'), "\\n";`;

const RUNTIMES = [
  {
    name: "Node",
    snippet: "verify.mjs",
    command: process.execPath,
    call: ["--input-type=module", "-e", NODE_CALL],
    probe: ["-v"],
  },
  {
    name: "Python",
    snippet: "verify.py",
    command: "/usr/bin/python3",
    call: ["-c", PYTHON_CALL],
    probe: ["-c", "import jwt, cryptography"],
  },
  {
    name: "PHP",
    snippet: "verify.php",
    command: "php",
    call: ["-r", PHP_CALL],
    probe: ["-r", "exit(extension_loaded('openssl') ? 0 : 1);"],
  },
];

describe.each(RUNTIMES)("the $name snippet", ({ name, snippet, command, call, probe }) => {
  const isThere = spawnSync(command, probe).status === 0;
  if (!isThere) console.log(`skipped: ${name} is not installed here (${command} ${probe.join(" ")})`);

  async function judge(assertions: string[]): Promise<string[]> {
    const { spawn } = await import("node:child_process");
    const env = {
      ...process.env,
      WXGATE_SITE: site,
      SNIPPET: `${process.cwd()}/docs/origin/snippets/${snippet}`,
      ASSERTIONS: JSON.stringify(assertions),
    };
    // Not spawnSync: the key set is served by this very process.
    const child = spawn(command, call, { env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    let errors = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    child.stderr.on("data", (chunk) => {
      errors += chunk;
    });
    await new Promise((resolve) => child.on("close", resolve));
    expect(errors).toBe("");
    return output.trimEnd().split("\n");
  }

  it.skipIf(!isThere)("accepts what the gateway signs", async () => {
    expect(await judge([await assertion()])).toEqual(["oGZUI0egBJY1zhBYw2KhdUfwVJJE"]);
  });

  it.skipIf(!isThere)("refuses every forgery", async () => {
    const bad = await forgeries();
    const verdicts = await judge(Object.values(bad));
    const byName = Object.fromEntries(Object.keys(bad).map((kind, index) => [kind, verdicts[index]]));
    expect(byName).toEqual(Object.fromEntries(Object.keys(bad).map((kind) => [kind, "refused"])));
  });
});
