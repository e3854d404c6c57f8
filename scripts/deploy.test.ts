import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { OPTIONS } from "./lib/wrangler-options.ts";

/** The order of `npm run deploy`, with a wrangler that only writes down what it was asked; and what the real one says. */

const directory = mkdtempSync(join(tmpdir(), "wxgate-deploy-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const MIGRATE = "d1 migrations apply DB --remote";
const NO_DATABASE = "Couldn't find a D1 DB named 'wxgate' (bound as 'DB') in the API.";

type Ran = { code: number; output: string };

function run(path: string, env: Record<string, string>, ...options: string[]): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ["scripts/deploy.ts", ...options],
      { env: { ...process.env, PATH: path + delimiter + process.env.PATH, ...env } },
      (_, stdout, stderr) => resolve({ code: child.exitCode ?? -1, output: stdout + stderr }),
    );
  });
}

/** `answers`: for each call in turn what wrangler says when it fails; `null` = it succeeds. */
async function deployWith(answers: readonly (string | null)[], ...options: string[]) {
  const log = join(directory, "calls");
  writeFileSync(log, "");
  const script = join(directory, "wrangler");
  writeFileSync(
    script,
    `#!${process.execPath}
const fs = require("node:fs");
const nth = fs.readFileSync(${JSON.stringify(log)}, "utf8").split("\\n").length - 1;
fs.appendFileSync(${JSON.stringify(log)}, process.argv.slice(2).join(" ") + "\\n");
const answer = ${JSON.stringify(answers)}[nth];
if (answer !== null) { console.error(answer); process.exit(1); }
`,
  );
  chmodSync(script, 0o755);
  const ran = await run(directory, {}, ...options);
  return { ...ran, calls: readFileSync(log, "utf8").trim().split("\n") };
}

describe.skipIf(process.platform === "win32")("npm run deploy", () => {
  it("migrates before it deploys: new code never meets the old schema", async () => {
    const { code, calls } = await deployWith([null, null]);
    expect(calls).toEqual([MIGRATE, "deploy"]);
    expect(code).toBe(0);
  });

  it("deploys nothing where the database is not there: a mistyped name must not create an empty one", async () => {
    const { code, calls, output } = await deployWith([NO_DATABASE]);
    expect(calls).toEqual([MIGRATE]);
    expect(output).toContain("npm run deploy -- --first. Otherwise correct database_name");
    expect(code).toBe(1);
  });

  it("deploys nothing when the migrations fail otherwise", async () => {
    const { code, calls, output } = await deployWith(["D1_ERROR: near syntax"]);
    expect(calls).toEqual([MIGRATE]);
    expect(output).toContain("nothing was deployed");
    expect(code).toBe(1);
  });

  it("deploys first when told to, and hands wrangler's options on", async () => {
    const { code, calls } = await deployWith(
      [null, null],
      "--first",
      "--env",
      "staging",
      "--message",
      "x",
      "-c=a.toml",
    );
    expect(calls).toEqual(["deploy --env staging --message x -c=a.toml", `${MIGRATE} --env staging -c=a.toml`]);
    expect(code).toBe(0);
  });

  it("hands to both commands what both know, however it is spelled", async () => {
    const file = join(directory, "c.env"); // Node itself looks whether it is there
    writeFileSync(file, "");
    const { code, calls } = await deployWith(
      [null, null],
      ...["--profile", "work", "--envFile", "a.env", "b.env", `--env-file=${file}`, "--installSkills", "false"],
      ...["--keepVars", "--message=--env x", "--var", "A:1", "B:2", "--no-strict", "-e=staging", "--cwd", "."],
    );
    const shared = `--profile work --envFile a.env b.env --env-file=${file} --installSkills false`;
    expect(calls).toEqual([
      `${MIGRATE} ${shared} -e=staging --cwd .`,
      `deploy ${shared} --keepVars --message=--env x --var A:1 B:2 --no-strict -e=staging --cwd .`,
    ]);
    expect(code).toBe(0);
  });

  it.each([
    [["--remote"], "--remote"],
    [["--enviroment", "staging"], "--enviroment"],
    [["-estaging"], "-estaging"],
    [["--env", "staging", "production"], "production"],
    [["staging"], "staging"],
    [["--"], "--"],
    [["--no-env"], "--no-env"],
  ])("does nothing with %j: it does not guess for which command that is", async (options, named) => {
    const { code, calls, output } = await deployWith([], ...options);
    expect([code, calls]).toEqual([2, [""]]);
    expect(output).toContain(`deploy: ${named} is no option that is known here, so nothing was done. `);
    expect(output).toContain("npx wrangler d1 migrations apply DB --remote");
  });

  it.each(["--env", "--profile", "-c"])("does nothing with %s alone: its value is missing", async (option) => {
    const { code, calls, output } = await deployWith([], option, "--strict");
    expect([code, calls]).toEqual([2, [""]]);
    expect(output).toContain(`deploy: ${option} has no value, so nothing was done.`);
  });

  it("knows exactly the options of the wrangler that is installed", async () => {
    const options = async (...command: string[]) => {
      const env = { ...process.env, HOME: directory, WRANGLER_SEND_METRICS: "false", NO_COLOR: "1" };
      const { stdout } = await promisify(execFile)("node_modules/.bin/wrangler", [...command, "--help"], { env });
      const all = stdout.split(/\n(?= {2}(?:-\w, | {4})--)/).flatMap((entry) => {
        const [, names] = /^ {2}(?:-\w, | {4})(--[^\s,]+(?:, --[^\s,]+)*) /.exec(entry) ?? [];
        const kind = entry.includes("[boolean]") ? "flag" : entry.includes("[array]") ? "values" : "value";
        return names?.split(", ").map((name) => [name.slice(2), kind]) ?? [];
      });
      return Object.fromEntries(all.filter(([name]) => name !== "help" && name !== "version" && name !== "dry-run"));
    };
    const deployment: Record<string, string> = await options("deploy");
    const migration: Record<string, string> = await options("d1", "migrations", "apply");
    const isShared = ([name]: [string, string]) => name in migration;
    expect(OPTIONS.shared).toEqual(Object.fromEntries(Object.entries(deployment).filter(isShared)));
    expect(OPTIONS.deployment).toEqual(
      Object.fromEntries(Object.entries(deployment).filter((entry) => !isShared(entry))),
    );
    expect(Object.keys(deployment).length).toBeGreaterThan(30);
  });

  it("does nothing at a dry run: there is no such thing for the migrations", async () => {
    for (const option of ["--dry-run", "--dryRun", "--dry-run=true"]) {
      const { code, calls } = await deployWith([], option);
      expect([code, calls]).toEqual([1, [""]]);
    }
  });

  it("says what runs when only a part succeeded", async () => {
    const refused = await deployWith([null, "no route"]);
    expect(refused.output).toContain("the migrations are applied");
    const empty = await deployWith([null, "D1_ERROR"], "--first");
    expect(empty.output).toContain("without its tables it answers 503");
    expect([refused.code, empty.code]).toEqual([1, 1]);
  });

  it("recognises what the real wrangler says of a database that is not there", async () => {
    const server = createServer((_, response) => {
      response.writeHead(404, { "content-type": "application/json" });
      response.end('{"success":false,"result":null,"messages":[],"errors":[{"code":7404,"message":"not found"}]}');
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const { code, output } = await run(join(process.cwd(), "node_modules/.bin"), {
      HOME: directory,
      XDG_CONFIG_HOME: directory,
      CLOUDFLARE_API_BASE_URL: `http://127.0.0.1:${port}`,
      CLOUDFLARE_API_TOKEN: "none",
      CLOUDFLARE_ACCOUNT_ID: "0".repeat(32),
      WRANGLER_SEND_METRICS: "false",
    });
    server.close();
    expect(output).toContain("deploy: there is no such database, so nothing was deployed");
    expect(code).toBe(1);
  });
});
