import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { unstable_readConfig } from "wrangler";
import { environmentOf, readWranglerFile } from "./lib/wrangler-file.ts";

const DOCTOR = join(import.meta.dirname, "doctor.ts");
const KEYS = join(import.meta.dirname, "keys.ts");
const SECRET_VALUE = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";

const SETTINGS = `
name = "wxgate"
workers_dev = false
preview_urls = false
routes = [{ pattern = "shop.example.com/*", zone_name = "example.com" }]
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
    const { PATH, NODE_COMPILE_CACHE } = process.env;
    const options = { env: { PATH, NODE_COMPILE_CACHE, ...env } };
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
    expect(without.output).toContain(
      "- WECHAT_APP_SECRET, GATEWAY_SECRET, ASSERTION_KEYS: not here, so they could not be checked.",
    );
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

  describe("of the AppSecret", () => {
    const told = async (secret: string, more = "") => {
      const { output } = await doctor(`${SETTINGS}${more}${SITE}`, null, { WECHAT_APP_SECRET: secret });
      return output.split("\n").find((line) => line.startsWith("- WECHAT_APP_SECRET: ")) ?? "";
    };

    it("warns of each that WeChat cannot have given", async () => {
      const wrong = [
        ["wxfedcba9876543210", "holds an AppID, not the AppSecret"],
        [`“${SECRET_VALUE}”`, "begins or ends with a quotation mark"],
        [`"${SECRET_VALUE}"`, "begins or ends with a quotation mark"],
        ["********************************", "is no AppSecret"],
        ["你的AppSecret", "and so is no AppSecret"],
        [SECRET_VALUE.slice(1), "has 31 characters"],
        [`${SECRET_VALUE}0`, "has 33 characters"],
        [SECRET_VALUE.toUpperCase(), "is no AppSecret"],
      ] as const;
      const sites = wrong.map((_, index) =>
        SITE.replace("shop.", `s${index}.`).replace("3210", `321${index}`).concat(`app_secret = "SECRET_${index}"\n`),
      );
      const secrets = Object.fromEntries(wrong.map(([secret], index) => [`SECRET_${index}`, secret]));
      const { output } = await doctor(SETTINGS + sites.join(""), null, secrets);
      for (const [index, [, problem]] of wrong.entries())
        expect(output).toMatch(new RegExp(`- SECRET_${index}: .*${problem}`));
    });

    it("says nothing of a right one, of one it cannot see, and of the simulator's", async () => {
      expect(await told(SECRET_VALUE)).toBe("");
      expect(await told("x", '[vars]\nWECHAT_OPEN_URL = "http://localhost:8788"\n')).toBe("");
      expect(await told("")).toBe("");
    });
  });

  it("warns where no route leads here, and says where TOML put one that is there", async () => {
    const without = SETTINGS.replace(/^routes.*\n/m, "");
    expect((await doctor(without + SITE, null)).output).toContain("- routes: are missing, so no request comes here");
    const simulated = `${without}[vars]\nWECHAT_OPEN_URL = "http://localhost:8788"\n${SITE}`;
    expect((await doctor(simulated, null)).output).not.toContain("- routes: ");
    const swallowed = `${without}routes = ["shop.example.com/*"]\n${SITE}`;
    const { output, code } = await doctor(swallowed, null);
    expect(output).toContain(
      "- d1_databases[0].routes: is a setting of wrangler, but TOML put it here.\n  → Move it above the first [table].",
    );
    expect(output).not.toContain("- routes: ");
    expect(code).toBe(1);
    for (const [heading, key] of [
      ["", "vars.SITES[0].routes"],
      ["[vars.SITES.headers]\n", "vars.SITES[0].headers.routes"],
      ["[vars.SITES.session]\n", "vars.SITES[0].session.routes"],
    ]) {
      const inSite = await doctor(`${without}${SITE}${heading}routes = ["shop.example.com/*"]\n`, null);
      expect(inSite.output).toContain(`- ${key}: is a setting of wrangler, but TOML put it here.`);
      expect(inSite.output).toMatch(/doctor: 1 mistake, \d warnings?\.\n$/);
      expect(inSite.output).not.toContain("Did you mean");
    }
  });

  it("warns of a wildcard that is not routed here whole: every host under it receives WeChat's codes", async () => {
    const wildcard = `${SITE.replace("shop.example.com", "*.example.com")}callback_host = "www.example.com"\n`;
    const told = "- *.example.com: is a wildcard: WeChat's codes are relayed to every host under it";
    expect((await doctor(SETTINGS + wildcard, null)).output).toContain(told);
    const routed = SETTINGS.replace(
      /^routes.*$/m,
      'routes = [{ pattern = "*.example.com/*", zone_name = "example.com" }]',
    );
    expect((await doctor(routed + wildcard, null)).output).not.toContain(told);
  });

  describe("of routes", () => {
    const WILDCARD = `${SITE.replace("shop.example.com", "*.example.com")}callback_host = "www.example.com"\n`;
    const routed = async (site: string, ...patterns: string[]) => {
      const routes = `routes = ${JSON.stringify(patterns)}`;
      return (await doctor(SETTINGS.replace(/^routes.*$/m, routes) + site, null)).output;
    };

    it("warns of one that names a scheme: the other one goes past the gateway", async () => {
      const output = await routed(SITE, "https://shop.example.com/*");
      expect(output).toContain(
        "- routes: https://shop.example.com/* is for one scheme only: requests over http go past the gateway",
      );
      expect(output).toContain('→ Write "shop.example.com/*", which is both.');
      expect(output).toContain("- routes: lead not every request for shop.example.com here");
      expect(output).not.toContain("is not the whole host");
      expect(await routed(SITE, "http://*example.com/*")).toContain("requests over https go past the gateway");
      // Both halves, or the whole beside one: nothing goes past.
      expect(await routed(SITE, "https://shop.example.com/*", "shop.example.com/*")).not.toContain("- routes: ");
      expect(await routed(SITE, "https://shop.example.com/*", "http://shop.example.com/*")).not.toContain("- routes: ");
      expect(await routed(WILDCARD, "https://*.example.com/*")).toContain("- *.example.com: is a wildcard");
    });

    it.each(["*.example.com/*", "*example.com/*", "*.com/*", "*/*"])(
      "takes %s for a whole wildcard site's",
      async (pattern) => {
        const output = await routed(WILDCARD, pattern);
        expect(output).not.toContain("is a wildcard");
        expect(output).not.toContain("- routes: ");
      },
    );

    it.each(["www.example.com/*", "*.shop.example.com/*", "*.example.com/account/*", "*w.example.com/*"])(
      "does not take %s for a whole wildcard site's",
      async (pattern) => expect(await routed(WILDCARD, pattern)).toContain("- *.example.com: is a wildcard"),
    );
  });

  describe("of an environment", () => {
    const OWN = `
[env.staging]
routes = ["staging.example.com/*"]
kv_namespaces = [{ binding = "TOKENS" }]
[[env.staging.d1_databases]]
binding = "DB"
migrations_dir = "migrations"
${SITE.replace("vars.", "env.staging.vars.").replace("shop.", "staging.")}`;
    const checked = async (toml: string, name = "staging", env: Record<string, string> = {}) => {
      const file = join(folder, "wrangler.toml");
      writeFileSync(file, toml);
      return run(DOCTOR, ["--config", file, ...(name === "" ? [] : ["--env", name])], env);
    };

    it("checks its own site, routes and secrets, and what it inherits", async () => {
      const { output: keys } = await run(KEYS, []);
      writeFileSync(join(folder, ".dev.vars"), "WECHAT_APP_SECRET=x\n");
      writeFileSync(join(folder, ".dev.vars.staging"), `${keys}\nWECHAT_APP_SECRET=${SECRET_VALUE}\n`);
      const { code, output } = await checked(`${SETTINGS}${SITE}${OWN}`);
      expect(output).toContain("wrangler.toml, [env.staging] and .dev.vars.staging\n");
      expect(output).toContain("wxfedcba9876543210: staging.example.com/_wx");
      expect(output).not.toContain("shop.example.com");
      expect(output).not.toContain("was not checked");
      expect(output).toContain("doctor: 1 site, 0 mistakes, 0 warnings.");
      expect(code).toBe(0);
      const open = `workers_dev = true\n${SETTINGS.replace("workers_dev = false", "")}${SITE}${OWN}`;
      expect((await checked(open)).output).toContain("- workers_dev: opens a second address");
      const fallen = OWN.replace('routes = ["staging.example.com/*"]', "");
      expect((await checked(SETTINGS + SITE + fallen)).output).toContain("lead no request for staging.example.com");
    });

    it("obeys CLOUDFLARE_ENV as wrangler does", async () => {
      const { output } = await checked(SETTINGS + SITE + OWN, "", { CLOUDFLARE_ENV: "staging" });
      expect(output).toContain("staging.example.com/_wx");
    });

    it("says what it lacks, because that is not inherited", async () => {
      const limits = '[[ratelimits]]\nname = "CALLBACK_STATE_LIMIT"\n';
      const { code, output } = await checked(`${SETTINGS}${limits}${SITE}[env.staging]\nname = "x"\n`);
      expect(output).toContain(
        "- env.staging: has no d1_databases, kv_namespaces, ratelimits, vars of its own, and inherits none",
      );
      expect(output).toContain("- d1_databases: has no database bound as DB");
      expect(output).toContain("- kv_namespaces: has none bound as TOKENS");
      expect(code).toBe(1);
    });

    it("prints commands that set that Worker's secrets, and no other's", async () => {
      const { output } = await checked(SETTINGS + SITE + OWN);
      expect(output).toContain("npx wrangler secret put --env staging NAME");
      expect(output).not.toMatch(/wrangler secret \w+ (?!--env staging)/);
    });

    it("names those that were not checked, and where the routes are", async () => {
      const { code, output } = await checked(`${SETTINGS}${SITE}${OWN}[env.old]\n`, "");
      expect(output).toContain("[env.staging] was not checked: npm run doctor -- --env staging\n");
      expect(output).toContain("[env.old] was not checked: npm run doctor -- --env old\n");
      expect(code).toBe(0);
      const without = SETTINGS.replace(/^routes.*$/m, "");
      const elsewhere = (await checked(without + SITE + OWN, "")).output;
      expect(elsewhere).toContain("- routes: are in env.staging only, so no request comes to the Worker without an");
      expect(elsewhere).not.toContain("are missing");
    });

    it("says which there are when it is none of them", async () => {
      const { code, output } = await checked(SETTINGS + SITE + OWN, "stagin");
      expect(output).toContain("there is no [env.stagin] in the wrangler file (staging)");
      expect(code).toBe(1);
    });

    it("has and lacks what the wrangler that is installed says", async () => {
      const everything = `name = "wxgate"
main = "index.ts"
compatibility_date = "2026-11-01"
routes = ["shop.example.com/*"]
${SETTINGS.replace(/^(?:name|routes).*$/gm, "")}
[triggers]
crons = ["17 * * * *"]
[observability]
enabled = true
[cache]
enabled = true
[version_metadata]
binding = "CF_VERSION_METADATA"
[[ratelimits]]
name = "CALLBACK_STATE_LIMIT"
namespace_id = "8101"
simple = { limit = 5, period = 60 }
[[services]]
binding = "SHOP"
service = "shop"
${SITE}
[env.staging]
preview_urls = true
observability = { logs = { enabled = true } }
[env.staging.vars]
ONLY = "this"
`;
      const file = join(folder, "wrangler.toml");
      writeFileSync(file, everything);
      writeFileSync(join(folder, "index.ts"), "");
      const real: Record<string, unknown> = unstable_readConfig(
        { config: file, env: "staging" },
        { hideWarnings: true },
      );
      const { settings, without } = environmentOf(readWranglerFile(file), "staging");
      for (const key of ["routes", "workers_dev", "preview_urls", "triggers", "observability", "cache", "vars"]) {
        expect(settings[key], key).toEqual(real[key]);
      }
      expect(without).toEqual(["d1_databases", "kv_namespaces", "ratelimits", "services", "version_metadata"]);
      for (const key of without) expect(JSON.stringify(real[key] ?? []), key).toBe("[]");
    });

    it("knows every setting that is not inherited, as the schema of the wrangler that is installed has it", () => {
      const { definitions } = JSON.parse(readFileSync("node_modules/wrangler/config-schema.json", "utf8"));
      const described: Record<string, { description?: string }> = definitions.RawEnvironment.properties;
      const own = Object.keys(described).filter((key) =>
        /not automatically inherited|separately in each named environment/.test(described[key]?.description ?? ""),
      );
      const top = Object.fromEntries(Object.keys(described).map((key) => [key, {}]));
      // Of these two the schema does not say it.
      const unsaid = ["durable_objects", "version_metadata"];
      expect(environmentOf({ ...top, env: { x: {} } }, "x").without.sort()).toEqual([...own, ...unsaid].sort());
    });
  });

  it("leaves [previews] what is its own", async () => {
    const previews =
      '[previews]\nkv_namespaces = [{ binding = "TOKENS" }]\n[[previews.d1_databases]]\nbinding = "DB"\n';
    const { code, output } = await doctor(`${SETTINGS}${previews}${SITE}`, null);
    expect(output).not.toContain("TOML put it here");
    expect(code).toBe(0);
    const swallowed = await doctor(`${SETTINGS}[previews]\nroutes = []\n${SITE}`, null);
    expect(swallowed.output).toContain("- previews.routes: is a setting of wrangler, but TOML put it here");
  });

  it("warns of Cloudflare's cache in front of the Worker", async () => {
    const told = "- cache: is on: Cloudflare answers from a cache before the gateway is asked";
    const having = async (more: string) => (await doctor(`${SETTINGS}${more}${SITE}`, null)).output;
    const entrypoint = '[exports.default]\ntype = "worker"\ncache = { enabled = ';
    expect(await having("[cache]\nenabled = true\n")).toContain(told);
    expect(await having(`${entrypoint}true }\n`)).toContain(told);
    expect(await having("[cache]\nenabled = false\n")).not.toContain(told);
    expect(await having(`[cache]\nenabled = true\n${entrypoint}false }\n`)).not.toContain(told);
  });

  it("warns of secrets of headers among the variables", async () => {
    const header = '[vars.SITES.headers]\n"X-Origin-Key" = "{secret:ORIGIN_KEY}"\n';
    const shared = '[vars.DEFAULTS.headers]\n"X-Other" = "{secret:OTHER_KEY}"\n';
    const vars = '[vars]\nORIGIN_KEY = "abc"\nOTHER_KEY = "def"\nPLAIN = "x"\n';
    const { output } = await doctor(SETTINGS + vars + shared + SITE + header, null);
    expect(output).toContain("- vars.ORIGIN_KEY: is a secret in a file that is shared");
    expect(output).toContain("- vars.OTHER_KEY: is a secret in a file that is shared");
    expect(output).not.toContain("- vars.PLAIN");
    const json = JSON.stringify([
      {
        host: "a.example.com",
        origin: "zone",
        app_id: "wxfedcba9876543210",
        headers: { "X-A": "{secret:ORIGIN_KEY}" },
      },
    ]);
    const asText = await doctor(`${SETTINGS}[vars]\nORIGIN_KEY = "abc"\nSITES = '${json}'\n`, null);
    expect(asText.output).toContain("- vars.ORIGIN_KEY: is a secret");
  });

  it("warns of names that nothing reads, beside the ones that count", async () => {
    const header = '[vars.SITES.headers]\n"X-Gateway" = "{secret:GATEWAY_SECRET_2}"\n';
    const vars = '[vars]\nWECHAT_API_URl = "https://relay.example"\nPLAIN = "x"\n';
    const { output } = await doctor(
      SETTINGS + vars + SITE + header,
      "API_KEY=x\nGATEWAY_SECRETS=x\nGATEWAY_SECRET_2=x\n",
    );
    expect(output).toContain("- WECHAT_API_URl: is read by nobody, but WECHAT_API_URL is");
    expect(output).toContain("- API_KEY: is read by nobody, but API_KEYS is");
    expect(output).toContain("- GATEWAY_SECRETS: is read by nobody");
    expect(output).not.toMatch(/- (?:PLAIN|GATEWAY_SECRET_2): /);
  });

  it("checks the secrets of a file before they are sent to Cloudflare, and names the stage of their rotation", async () => {
    const secrets = join(folder, ".dev.vars.production");
    writeFileSync(secrets, (await run(KEYS, [])).output);
    await run(KEYS, ["--rotate", "add", "--file", secrets]);
    writeFileSync(join(folder, "wrangler.toml"), SETTINGS + SITE);
    const args = ["--config", join(folder, "wrangler.toml"), "--secrets", secrets];
    const { code, output } = await run(DOCTOR, args);
    expect(output).toContain(`and ${secrets}`);
    expect(output).toMatch(/GATEWAY_SECRET keys: 2\nASSERTION_KEYS keys: 2\nKey rotation: stage "added"/);
    expect(output).toContain("WECHAT_APP_SECRET: not here, so they could not be checked");
    expect(code).toBe(0);

    writeFileSync(secrets, readFileSync(secrets, "utf8").replace("GATEWAY_SECRET=", "GATEWAY_SECRET=broken"));
    expect(await run(DOCTOR, args)).toMatchObject({ code: 1, output: expect.stringContaining("GATEWAY_SECRET") });
    // What it holds without a value would be sent so.
    writeFileSync(secrets, "GATEWAY_SECRET=\nASSERTION_KEYS=\n");
    const empty = await run(DOCTOR, args);
    expect(empty).toMatchObject({ code: 1, output: expect.stringMatching(/GATEWAY_SECRET[^\n]*is empty/) });
    expect(empty.output).toContain("WECHAT_APP_SECRET: not here");
    // JSON, as wrangler takes it too.
    writeFileSync(secrets, JSON.stringify({ WECHAT_APP_SECRET: "no-AppSecret" }));
    expect((await run(DOCTOR, args)).output).toContain("WECHAT_APP_SECRET: has 12 characters and so is no AppSecret");
    for (const [text, said] of [
      ['{"GATEWAY_SECRET": "abcdef', "begins with { and is no JSON"],
      ["Not a file of secrets.", "names no secret"],
    ] as const) {
      writeFileSync(secrets, text);
      const { code, output } = await run(DOCTOR, args);
      expect([code, output.includes(said), output.includes("abcdef")]).toEqual([1, true, false]);
    }
    const absent = await run(DOCTOR, ["--config", join(folder, "wrangler.toml"), "--secrets", `${secrets}.txt`]);
    expect(absent).toMatchObject({ code: 1, output: expect.stringContaining(`${secrets}.txt`) });
    expect(absent.output).not.toContain("ENOENT");
  });

  it("warns of web-auth domains that WeChat does not take", async () => {
    const domains = async (host: string, more = "") =>
      (await doctor(`${SETTINGS}${more}${SITE.replace("shop.example.com", host)}`, null)).output;
    for (const host of ["shop.example.com:8443", "203.0.113.7", "localhost", "[2001:db8::1]"]) {
      expect(await domains(host), host).toContain("cannot be registered at WeChat");
    }
    expect(await domains("shop.example.com")).not.toContain("cannot be registered");
    const simulator = '[vars]\nWECHAT_OPEN_URL = "http://localhost:8788"\n';
    expect(await domains("localhost", simulator)).not.toContain("cannot be registered");
  });

  it("reads files with a byte order mark, and names other encodings than UTF-8", async () => {
    const { output: keys } = await run(KEYS, []);
    const vars = `\ufeffWECHAT_APP_SECRET=${SECRET_VALUE}\n${keys}\n`;
    expect((await doctor(`\ufeff${SETTINGS}${SITE}`, vars)).output).toContain("0 mistakes, 0 warnings");
    const gbk = Buffer.concat([Buffer.from(`${SETTINGS}# `), Buffer.from([0xd5, 0xc5]), Buffer.from(`\n${SITE}`)]);
    writeFileSync(join(folder, "wrangler.toml"), gbk);
    const { output, code } = await run(DOCTOR, ["--config", join(folder, "wrangler.toml")]);
    expect(output).toContain("wrangler.toml: is not UTF-8 (perhaps GBK");
    expect(code).toBe(1);
    writeFileSync(join(folder, ".dev.vars"), Buffer.from(vars, "utf16le"));
    expect((await doctor(SETTINGS + SITE, null)).output).toContain(".dev.vars: is UTF-16");
  });

  it("warns of hosts of API keys that no site has", async () => {
    const { output: keys } = await run(KEYS, []);
    const entry = (name: string, hosts: string[]) => ({ name, sha256: name.repeat(64), scopes: ["read"], hosts });
    const list = JSON.stringify([
      entry("a", ["shop.example.com"]),
      entry("b", ["shop.example.com", "www.example.com"]),
    ]);
    const { output } = await doctor(
      SETTINGS + SITE,
      `${keys}\nWECHAT_APP_SECRET=${SECRET_VALUE}\nAPI_KEYS='${list}'\n`,
    );
    expect(output).toContain('- API_KEYS "b": is for www.example.com, which no site serves.');
    expect(output).toContain("1 warning.");
  });

  it("warns of a protected path whose spelling with a slash at its end is weaker", async () => {
    const rules = `access = "auto"
rules = [
  { path = "/one", access = "login" },
  { path = "/admin.php", methods = ["POST"], access = "deny" },
  { path = "/x*/y", access = "profile" },
  { path = "/all/*", access = "deny" },
  { path = "/.env", access = "deny" },
  { path = "/**/*.sql", access = "deny" },
  { path = "/index.html", access = "login" },
  { path = "/both", access = "login" },
  { path = "/both/", access = "login" },
  { path = "/", access = "login" },
]
`;
    const { output } = await doctor(`${SETTINGS}${SITE}${rules}`, null);
    const found = [...output.matchAll(/^- shop\.example\.com, rule (\S+): (.*)\.\n {2}→ (.*)$/gm)];
    expect(found.map(([, path]) => path)).toEqual(["/one", "/admin.php", "/x*/y"]);
    expect(found[0]?.[2]).toContain("is login, but /one/ is auto");
    expect(found[0]?.[3]).toBe('Write "/one/*", which is /one, /one/ and what is below.');
    expect(found[1]?.[2]).toContain("PHP serves /admin.php/x as /admin.php");
    const dotted = ["/api/v1.0", "/report.v2", "/x.py", "/data.json", "/pay.do", "/logo.PNG", "/a.tar.gz", "/app.mjs"];
    const listed = dotted.map((path) => `{ path = "${path}", access = "deny" }`).join(", ");
    const beside = (await doctor(`${SETTINGS}${SITE}rules = [${listed}]\n`, null)).output;
    expect([...beside.matchAll(/^- shop\.example\.com, rule (\S+): /gm)].map(([, path]) => path)).toEqual(
      dotted.slice(0, 5),
    );
    expect(
      (await doctor(`${SETTINGS}${SITE}rules = [{ path = "/one", access = "login" }]\n`, null)).output,
    ).not.toContain(", rule /one");
  });
});
