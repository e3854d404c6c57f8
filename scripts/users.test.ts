import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newApiKey } from "./lib/api-keys.ts";

/** `npm run users` as an operator runs it: against a D1 of this machine, and against a real gateway on the same one. */

const WRANGLER = join(dirname(createRequire(import.meta.url).resolve("wrangler/package.json")), "bin", "wrangler.js");
const PORT = 18_977;
const SITE = `localhost:${PORT}`;
const APP_ID = "wx0123456789abcdef";

let folder: string;
let config: string;

const CONFIG = `
name = "wxgate-users-test"
main = ${JSON.stringify(resolve("src/index.ts"))}
compatibility_date = "2026-11-01"
kv_namespaces = [{ binding = "TOKENS" }]
[[d1_databases]]
binding = "DB"
database_name = "wxgate"
migrations_dir = ${JSON.stringify(resolve("migrations"))}
[vars]
WECHAT_OPEN_URL = "http://localhost:1"
WECHAT_API_URL = "http://localhost:1"
[[vars.SITES]]
host = "${SITE}"
origin = "http://localhost:1"
app_id = "${APP_ID}"
`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "wxgate-users-"));
  config = join(folder, "wrangler.toml");
  writeFileSync(config, CONFIG);
  const environment = { ...process.env, CI: "true", WRANGLER_SEND_METRICS: "false" };
  const migrate = ["d1", "migrations", "apply", "DB", "--local", "--config", config];
  execFileSync(process.execPath, [WRANGLER, ...migrate], { env: environment, stdio: "ignore" });
});
afterAll(() => rmSync(folder, { recursive: true }));

type Ran = { code: number | null; out: string; err: string };
type Running = { child: ChildProcess; said: () => string; ended: Promise<Ran> };

function start(args: readonly string[]): Running {
  const child = spawn(process.execPath, ["scripts/users.ts", ...args], {
    env: { PATH: process.env.PATH },
    detached: true,
  });
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    err += chunk;
  });
  const ended = new Promise<Ran>((done) => child.on("close", (code) => done({ code, out, err })));
  return { child, said: () => err, ended };
}

function users(args: readonly string[], input = ""): Promise<Ran> {
  const { child, ended } = start(args);
  child.stdin?.end(input);
  return ended;
}
const local = (...args: string[]) => [...args, "--config", config];

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const until = async (isSo: () => boolean | Promise<boolean>) => {
  for (let tries = 0; tries < 600; tries++) {
    if (await isSo()) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error("it never came to be so");
};

describe("on this machine's D1", () => {
  it("imports a CSV, reports refused rows by line, and is safe to run again", async () => {
    const csv = file(
      "first.csv",
      '\ufeffnickname,openid,unionid,site_user\r\n"小明, ""M""",o-1,u-1,1001\r\n"two\r\nlines",o-2,,\r\n,o 3,,wxu_x\r\n,o-4,u-1,\r\n,o-5,,1005\r\n',
    );
    const report = join(folder, "report.txt");
    const first = await users(local("import", csv, "--report", report));
    expect(first.code).toBe(1);
    expect(first.out).toBe("");
    const lines = [
      "line 5: openid is missing, or not 1 to 128 of A-Z a-z 0-9 _ -; site_user is not 1 to 128 of A-Z a-z 0-9 . _ : @ + -, or starts with wxu_",
      "line 6: another openid of this AppID has the unionid",
    ];
    expect(readFileSync(report, "utf8")).toBe(`${lines.join("\n")}\n`);
    for (const line of lines) expect(first.err).toContain(line);
    expect(first.err).toContain(
      "New: 3 bindings, 3 users. Known: 0, of these changed: 0.\nUsers bound to an id of the site: 2.\nRefused: 2;",
    );

    const second = await users(local("import", csv));
    expect(second.err).toContain(
      "New: 0 bindings, 0 users. Known: 3, of these changed: 0.\nUsers bound to an id of the site: 0.\nRefused: 2;",
    );

    const unwritable = await users(local("import", csv, "--report", dirname(csv)));
    expect(unwritable.code).toBe(1);
    expect(unwritable.err).toMatch(/^users: .*EISDIR/m);
  });

  it("exports what it imported, in both forms, and takes it back unchanged", async () => {
    const csv = await users(local("export"));
    expect(csv.code).toBe(0);
    expect(csv.out).toBe(
      [
        "openid,appid,unionid,site_user,nickname",
        `o-1,${APP_ID},u-1,1001,"小明, ""M"""`,
        `o-2,${APP_ID},,,"two\r\nlines"`,
        `o-5,${APP_ID},,1005,`,
        "",
      ].join("\r\n"),
    );
    const out = join(folder, "all.ndjson");
    expect((await users(local("export", "--out", out))).code).toBe(0);
    const rows = readFileSync(out, "utf8").trim().split("\n");
    expect(rows.map((line) => JSON.parse(line).openid)).toEqual(["o-1", "o-2", "o-5"]);
    for (const [text, format] of [
      [csv.out, "csv"],
      [readFileSync(out, "utf8"), "ndjson"],
    ] as const) {
      const again = await users(local("import", "-", "--format", format), text);
      expect(again.err).toContain(
        "New: 0 bindings, 0 users. Known: 3, of these changed: 0.\nUsers bound to an id of the site: 0.\nRefused: 0.",
      );
      expect(again.code).toBe(0);
    }
  });

  it("says what is wrong before it stores anything", async () => {
    const cases: [string[], string][] = [
      [local("import", file("extra.csv", "openid,phone\no-9,1\n")), 'line 1: unknown column "phone"'],
      [local("import", join(folder, "none.csv")), "none.csv is not there; name the file with your users"],
      [
        ["export", "--url", "https://www.example.com", "--key-file", join(folder, "none")],
        "none is not there; it is to hold the API key",
      ],
      [local("import", file("x.txt", "")), "say whether it is --format csv or --format ndjson"],
      [local("import", file("y.csv", "openid\n"), "--site", "b.example.com"), `has no site b.example.com, but ${SITE}`],
      [["import", "x.csv", "--url", "http://www.example.com"], "the key would travel in the clear"],
      [["import", "x.csv", "--url", "localhost:8787"], "not an address like https://www.example.com"],
      [
        ["export", "--url", "https://www.example.com", "--key-file", file("curly", "“wxk_abc”")],
        "is no API key: wxk_ and 43 characters, without quotes",
      ],
      [["import", "x.csv", "--url", "https://www.example.com", "--site", "b"], "--site is for this machine's D1"],
      [local("export", "--persist-to", join(folder, "nowhere")), "npx wrangler d1 migrations apply DB --local"],
      [local("export", "all.csv"), "--out all.csv"],
      [["move"], "there are only import and export"],
    ];
    for (const [args, message] of cases) {
      const { code, err } = await users(args);
      expect(err).toContain(message);
      expect(code).toBe(1);
    }
    expect((await users(local("export"))).out.trim().split("\n")).toHaveLength(5);
  });

  it("ends with Ctrl-C after the running batch, and goes on when it is run again", async () => {
    const rows = Array.from({ length: 4_500 }, (_, index) => `long-${index}`);
    const { child, said, ended } = start(local("import", "-", "--format", "csv"));
    // Standard input stays open: only Ctrl-C ends this.
    child.stdin?.write(`openid\n${rows.join("\n")}\n`);
    await until(() => said().includes("Importing standard input"));
    // As a terminal does it: the whole group.
    process.kill(-Number(child.pid), "SIGINT");
    const { code, err } = await ended;
    expect(code).toBe(130);
    expect(err).toMatch(/Stopped after line \d+\. Run it again/);
    const again = await users(local("import", "-", "--format", "csv"), `openid\n${rows.join("\n")}\n`);
    expect(again.code).toBe(0);
    const [, created, known] = /New: ([\d,]+) bindings.*Known: ([\d,]+)/.exec(again.err) ?? [];
    const number = (text = "") => Number(text.replaceAll(",", ""));
    expect(number(created) + number(known)).toBe(4_500);
    // Whole batches or nothing.
    expect(number(known) % 1_000).toBe(0);
  });
});

it("says that another server than the gateway answered", async () => {
  const server = createServer((_, response) => response.end('{"hello":"world"}'));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const flags = ["--url", url, "--key-file", file("any", "wxk_abc")];
  for (const args of [["export"], ["import", file("one.csv", "openid\no-1\n")]]) {
    const { code, err } = await users([...args, ...flags]);
    expect(err).toContain("answers 200, but not as wxgate does; is it wxgate?");
    expect(code).toBe(1);
  }
  server.close();
});

describe("through the API of a gateway", () => {
  let gateway: ChildProcess;
  let keyFile: string;

  beforeAll(async () => {
    const key = newApiKey("crm", undefined, [SITE]);
    keyFile = file("key", `${key.token}\n`);
    writeFileSync(
      join(folder, ".dev.vars"),
      `${execFileSync(process.execPath, ["scripts/keys.ts"])}\nWECHAT_APP_SECRET=x0123456789\nAPI_KEYS='${JSON.stringify([key.entry])}'\n`,
    );
    const flags = ["--ip", "127.0.0.1", "--port", `${PORT}`, "--inspector-port", "0", "--config", config];
    gateway = spawn(process.execPath, [WRANGLER, "dev", ...flags], {
      env: { ...process.env, CI: "true", WRANGLER_SEND_METRICS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false" },
      stdio: "ignore",
    });
    await until(() =>
      fetch(`http://${SITE}/_wx/health`).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
  });
  afterAll(async () => {
    const ended = new Promise((done) => gateway.on("close", done));
    gateway.kill("SIGINT");
    await ended;
  });

  const remote = (...args: string[]) => [...args, "--url", `http://${SITE}`, "--key-file", keyFile];

  it("imports and exports the same rows in the same words", async () => {
    const rows = Array.from({ length: 1_200 }, (_, index) => `{"openid":"api-${index}","site_user":"api-${index}"}`);
    rows.splice(600, 0, '{"openid":"api-x","site_user":"1001"}', '{"openid":"api-y","site_user":"a b"}');
    const { code, err } = await users(remote("import", file("rows.ndjson", rows.join("\n"))));
    expect(err).toContain("line 601: another user has the site_user\nline 602: site_user is not");
    expect(err).toContain("New: 1,200 bindings, 1,200 users.");
    expect(code).toBe(1);
    const { out } = await users(remote("export", "--format", "ndjson"));
    expect(out.match(/"openid":"api-/g)).toHaveLength(1_200);
  });

  it("ends at once with a key that is not known", async () => {
    const wrong = file("wrong", "wxk_nobody");
    const { code, err } = await users(["export", "--url", `http://${SITE}`, "--key-file", wrong]);
    expect(err).toContain("401 · key_unknown");
    expect(code).toBe(1);
    expect((await users(["export", "--url", `http://${SITE}`])).err).toContain("the API key is missing");
  });
});
