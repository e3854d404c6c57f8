import { spawn, spawnSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

/** The snippets of docs/origin/verify.md, each in its own runtime, against assertions of every bad kind. */

const OPENID = "oGZUI0egBJY1zhBYw2KhdUfwVJJE";

type Key = { publicKey: CryptoKey; privateKey: CryptoKey };
const servers: Server[] = [];
let site: string;
/** Another site of the same machine, whose key has the same name. */
let neighbour: string;
/** Accepts connections and says nothing. */
let silent: string;
/** The User-Agent of each request for our site's keys. */
let askedBy: Array<string | undefined> = [];
let ours: Key;
let strangers: Key;

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function keySet({ publicKey }: Key): Promise<string> {
  return JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: "ours", alg: "ES256", use: "sig" }] });
}

beforeAll(async () => {
  ours = await generateKeyPair("ES256", { extractable: true });
  strangers = await generateKeyPair("ES256", { extractable: true });
  const [keys, strangersKeys] = [await keySet(ours), await keySet(strangers)];
  site = await serve((request, answer) => {
    askedBy.push(request.headers["user-agent"]);
    answer.end(keys);
  });
  neighbour = await serve((_, answer) => answer.end(strangersKeys));
  silent = await serve(() => {});
});
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});
beforeEach(() => {
  askedBy = [];
});

type Changes = { claims?: Record<string, unknown>; header?: Record<string, unknown>; key?: CryptoKey };

async function assertion({ claims = {}, header = {}, key = ours.privateKey }: Changes = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1_000);
  const all = {
    iss: site,
    aud: new URL(site).host,
    sub: "wxu_aaaaaaaaaaaaaaaaaaaaaaaaaa",
    openid: OPENID,
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
    "a kid that is no text": await assertion({ header: { kid: ["ours"] } }),
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

type Runtime = (typeof RUNTIMES)[number];

/** What the snippet says of each assertion: the openid, or `refused`. */
async function judge(
  { command, call, snippet }: Runtime,
  assertions: string[],
  { at = site, options = [] as string[], more = {} as Record<string, string> } = {},
): Promise<string[]> {
  const env = {
    ...process.env,
    WXGATE_SITE: at,
    SNIPPET: `${process.cwd()}/docs/origin/snippets/${snippet}`,
    ASSERTIONS: JSON.stringify(assertions),
    ...more,
  };
  // Not spawnSync: the key set is served by this very process.
  const child = spawn(command, [...options, ...call], { env, stdio: ["ignore", "pipe", "pipe"] });
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

describe.each(RUNTIMES)("the $name snippet", (runtime) => {
  const { name, command, probe } = runtime;
  const isThere = spawnSync(command, probe).status === 0;
  if (!isThere) console.log(`skipped: ${name} is not installed here (${command} ${probe.join(" ")})`);

  it.skipIf(!isThere)("accepts what the gateway signs", async () => {
    expect(await judge(runtime, [await assertion()])).toEqual([OPENID]);
  });

  it.skipIf(!isThere)("refuses every forgery", async () => {
    const bad = await forgeries();
    const verdicts = await judge(runtime, Object.values(bad));
    const byName = Object.fromEntries(Object.keys(bad).map((kind, index) => [kind, verdicts[index]]));
    expect(byName).toEqual(Object.fromEntries(Object.keys(bad).map((kind) => [kind, "refused"])));
  });

  it.skipIf(!isThere)("asks for the keys once, under a name of its own that firewalls can let through", async () => {
    const unknown = await assertion({ header: { kid: "theirs" }, key: strangers.privateKey });
    expect(await judge(runtime, [await assertion(), unknown, unknown, await assertion()])).toEqual([
      OPENID,
      "refused",
      "refused",
      OPENID,
    ]);
    expect(askedBy).toEqual(["wxgate-verify"]);
  });
});

describe("keys that do not come", () => {
  it("are not waited for by any snippet", async () => {
    const start = Date.now();
    const toSilent = await assertion({ claims: { iss: silent, aud: new URL(silent).host } });
    const there = RUNTIMES.filter(({ command, probe }) => spawnSync(command, probe).status === 0);
    const verdicts = await Promise.all(there.map((runtime) => judge(runtime, [toSilent], { at: silent })));
    expect(verdicts).toEqual(there.map(() => ["refused"]));
    expect(Date.now() - start).toBeLessThan(10_000);
  });
});

describe.each(RUNTIMES.filter(({ name }) => name !== "Node"))("the $name snippet", (runtime) => {
  const isThere = spawnSync(runtime.command, runtime.probe).status === 0;

  it.skipIf(!isThere)("asks for keys that fail once in a while, however many forgeries come meanwhile", async () => {
    let asked = 0;
    const failing = await serve((_, answer) => {
      asked++;
      answer.writeHead(503).end();
    });
    const forged = await assertion({ claims: { iss: failing, aud: new URL(failing).host } });
    expect(await judge(runtime, Array(5).fill(forged), { at: failing })).toEqual(Array(5).fill("refused"));
    expect(asked).toBe(1);
  });
});

const PYTHON = RUNTIMES.find(({ name }) => name === "Python") as Runtime;

/** Python's clock in our hands, and a gateway that gives its keys once, then holds its answer back and fails. */
const FAILING_LATER = `
import io, json, os, runpy, threading, time, urllib.request
clock, asked, asking, release = [0.0], [], threading.Event(), threading.Event()
time.monotonic = lambda: clock[0]
def urlopen(request, timeout):
    asked.append(clock[0])
    if len(asked) in (1, 4):
        return io.StringIO(os.environ["KEYS"])
    asking.set()
    release.wait(10)
    raise OSError("away")
urllib.request.urlopen = urlopen
visitor_of = runpy.run_path(os.environ["SNIPPET"])["visitor_of"]
import jwt
good, unknown = json.loads(os.environ["ASSERTIONS"])
def say(name, assertion):
    try:
        print(name, visitor_of(assertion)["openid"], flush=True)
    except jwt.PyJWTError:
        print(name, "refused", flush=True)
say("first", good)
clock[0] = 40
other = threading.Thread(target=say, args=("unknown", unknown))
other.start()
asking.wait(10)
say("meanwhile", good)
release.set()
other.join()
say("after the failure", good)
clock[0] = 60
say("unknown again", unknown)
clock[0] = 301
say("too old", good)
clock[0] = 320
say("too early", good)
clock[0] = 340
say("back", good)
print(asked)`;

describe("keys that came once", () => {
  const isThere = spawnSync(PYTHON.command, PYTHON.probe).status === 0;

  it.skipIf(!isThere)("are kept by the Python snippet for their 5 minutes, whatever asking again gives", async () => {
    const unknown = await assertion({ header: { kid: "theirs" }, key: strangers.privateKey });
    const told = await judge({ ...PYTHON, call: ["-c", FAILING_LATER] }, [await assertion(), unknown], {
      more: { KEYS: await keySet(ours) },
    });
    expect(told).toEqual([
      `first ${OPENID}`,
      `meanwhile ${OPENID}`,
      "unknown refused",
      `after the failure ${OPENID}`,
      "unknown again refused",
      "too old refused",
      "too early refused",
      `back ${OPENID}`,
      "[0.0, 40, 301, 340]",
    ]);
  });
});

const PHP = RUNTIMES.find(({ name }) => name === "PHP") as Runtime;

/** APCu as PHP-FPM has it, shared by its processes: here a file, because the command line shares none. */
const SHARED_APCU = `
  function apcu_fetch($key) { return wxgate_test_store()[$key] ?? false; }
  function apcu_store($key, $value, $seconds) {
    return file_put_contents(getenv('APCU'), serialize([$key => $value] + wxgate_test_store())) !== false;
  }
  function wxgate_test_store() { return is_file(getenv('APCU')) ? unserialize(file_get_contents(getenv('APCU'))) : []; }`;

describe("two sites on one PHP-FPM", () => {
  const isThere = spawnSync(PHP.command, PHP.probe).status === 0;

  it.skipIf(!isThere)("verify each with its own keys, which they keep", async () => {
    const folder = mkdtempSync(`${tmpdir()}/wxgate-apcu-`);
    // Functions that are disabled can be defined anew (PHP 8), whether APCu is installed or not.
    const options = ["-d", "disable_functions=apcu_fetch,apcu_store"];
    const sharing = { ...PHP, call: ["-r", SHARED_APCU + PHP_CALL] };
    const more = { APCU: `${folder}/store` };
    const { host } = new URL(neighbour);
    const neighbours = await assertion({ claims: { iss: neighbour, aud: host }, key: strangers.privateKey });
    const forged = await assertion({ key: strangers.privateKey });
    expect(await judge(sharing, [neighbours], { at: neighbour, options, more })).toEqual([OPENID]);
    for (let visit = 0; visit < 2; visit++) {
      expect(await judge(sharing, [await assertion(), forged], { options, more })).toEqual([OPENID, "refused"]);
    }
    expect(askedBy).toHaveLength(1);
    rmSync(folder, { recursive: true });
  });
});

describe("a PHP worker that outlives its requests", () => {
  const isThere = spawnSync(PHP.command, PHP.probe).status === 0;

  it.skipIf(!isThere)("asks for the keys again after 5 minutes", async () => {
    const clock = "function time() { static $calls = 0; return (int) microtime(true) + getenv('STEP') * $calls++; }";
    const worker = { ...PHP, call: ["-r", clock + PHP_CALL] };
    const visits = Array(3).fill(await assertion({ claims: { iss: "https://www.other.example" } }));
    for (const [step, fetches] of [
      [10, 1],
      [301, 3],
    ] as const) {
      askedBy = [];
      await judge(worker, visits, { options: ["-d", "disable_functions=time"], more: { STEP: String(step) } });
      expect(askedBy).toHaveLength(fetches);
    }
  });
});
