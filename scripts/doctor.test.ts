import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const DOCTOR = join(import.meta.dirname, "doctor.ts");
const KEYS = join(import.meta.dirname, "keys.ts");
const SECRET_VALUE = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";

const SETTINGS = `
name = "wxgate"
workers_dev = false
preview_urls = false
kv_namespaces = [{ binding = "TOKENS" }]
[[d1_databases]]
binding = "DB"
migrations_dir = "migrations"
`;
const SITE = `
[[vars.SITES]]
host = "shop.example.com"
origin = "zone"
app_id = "wxfedcba9876543210"
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wxgate-doctor-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

type Ran = { code: number; output: string };

function run(script: string, args: string[], env: Record<string, string> = {}): Promise<Ran> {
  return new Promise((done) => {
    const options = { env: { PATH: process.env.PATH, ...env } };
    execFile(process.execPath, [script, ...args], options, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });
}

function doctor(toml: string, devVars: string | null, env: Record<string, string> = {}): Promise<Ran> {
  const file = join(folder, "wrangler.toml");
  writeFileSync(file, toml);
  if (devVars !== null) writeFileSync(join(folder, ".dev.vars"), devVars);
  return run(DOCTOR, ["--config", file], env);
}

describe("doctor", () => {
  it("finds nothing wrong with what keys.ts made", async () => {
    const { output: keys } = await run(KEYS, []);
    const { code, output } = await doctor(SETTINGS + SITE, `${keys}\nWECHAT_APP_SECRET=${SECRET_VALUE}\n`);
    expect(output).toContain("doctor: 1 site, 0 mistakes, 0 warnings.");
    expect(output).toContain("wxfedcba9876543210: shop.example.com/_wx");
    expect(output).toMatch(/\(all others\) +all +login/);
    expect(output).not.toContain("\u001b");
    expect(code).toBe(0);
  });

  it("never prints a secret", async () => {
    const { output: keys } = await run(KEYS, []);
    const misplaced = SITE.replace("zone", `https://u:${SECRET_VALUE}@o.example`);
    const { output } = await doctor(SETTINGS + misplaced, `${keys}\nWECHAT_APP_SECRET=${SECRET_VALUE}\n`);
    for (const line of keys.split("\n").filter((text) => /^[A-Z]/.test(text))) {
      const value = line.slice(line.indexOf("=") + 1);
      expect(output).not.toContain(value.replaceAll("'", ""));
    }
    expect(output).not.toContain(SECRET_VALUE);
  });

  it("prints the log's text for mistakes, and ends with 1", async () => {
    const { code, output } = await doctor(`${SETTINGS}${SITE}acess = "open"\n`, null);
    expect(output).toContain('1 mistake in the configuration:\n1. SITES[0].acess ("open"): is no known option.\n');
    expect(code).toBe(1);
  });

  it("takes an absent secret for one that lives at Cloudflare only where there is no .dev.vars", async () => {
    const without = await doctor(SETTINGS + SITE, null);
    expect(without.output).toContain("GATEWAY_SECRET: is not here");
    expect(without.code).toBe(0);
    const having = await doctor(SETTINGS + SITE, "WECHAT_APP_SECRET=x\n");
    expect(having.output).toContain("GATEWAY_SECRET (not set): is not set");
    expect(having.code).toBe(1);
  });

  it("takes absent secrets from the environment", async () => {
    const env = { WECHAT_APP_SECRET: " spaces " };
    expect((await doctor(SETTINGS + SITE, null, env)).output).toContain("WECHAT_APP_SECRET (a secret of 8 characters)");
  });

  it("knows the bindings of the wrangler file", async () => {
    const bound = SITE.replace('"zone"', '"binding:SHOP"');
    const service = '[[services]]\nbinding = "SHOP"\nservice = "shop"\n';
    expect((await doctor(SETTINGS + bound, null)).output).toContain("names no binding that can fetch");
    expect((await doctor(SETTINGS + service + bound, null)).code).toBe(0);
  });

  it("tells what weakens the gateway", async () => {
    const { code, output } = await doctor(
      `name = "wxgate"
routes = ["shop.example.com/account/*", { pattern = "www.example.com", custom_domain = true }]
[observability]
enabled = true
[vars]
WECHAT_APP_SECRET = "x"
FILLER = "${"x".repeat(5121)}"
${SITE}
[[vars.SITES]]
host = "www.example.com"
origin = "zone"
app_id = "wxfedcba9876543210"
`,
      null,
    );
    for (const key of [
      ...["workers_dev", "preview_urls", "observability.redact_query_string", "observability.logs.invocation_logs"],
      ...["d1_databases", "kv_namespaces", "routes", "FILLER", "vars.WECHAT_APP_SECRET"],
    ]) {
      expect(output, key).toContain(`- ${key}: `);
    }
    expect(output).toContain("path routes mind letter case");
    expect(output).toContain('there is no origin "zone" behind it');
    expect(code).toBe(1);
  });

  it("says which file it cannot read", async () => {
    expect(await run(DOCTOR, ["--config", join(folder, "none.toml")])).toMatchObject({ code: 1 });
    const { code, output } = await doctor("name = ", null);
    expect(output).toContain("wrangler.toml: ");
    expect(code).toBe(1);
  });
});
