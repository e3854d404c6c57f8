import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseEnv } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

/** `npm run keys`, as an operator runs it. */

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wxgate-keys-"));
  file = join(folder, ".dev.vars.production");
  const fresh = execFileSync(process.execPath, ["scripts/keys.ts"], { encoding: "utf8" });
  writeFileSync(file, `# mine\nORIGIN_KEY=keep\n${fresh}`);
});
afterEach(() => rmSync(folder, { recursive: true }));

const run = (...parameters: string[]) =>
  spawnSync(process.execPath, ["scripts/keys.ts", ...parameters, "--file", file], { encoding: "utf8" });

function keys() {
  const { GATEWAY_SECRET = "", ASSERTION_KEYS = "{}", ORIGIN_KEY } = parseEnv(readFileSync(file, "utf8"));
  const set: { keys: { kid: string; iat: number }[] } = JSON.parse(ASSERTION_KEYS);
  return { gateway: GATEWAY_SECRET.split(","), kids: set.keys.map(({ kid }) => kid), originKey: ORIGIN_KEY };
}

describe("key rotation", () => {
  it("adds behind, uses first, drops the old, and leaves the rest of the file alone", () => {
    const before = keys();
    expect(run("--rotate", "add").stdout).toContain('stage "added"');
    const added = keys();
    expect(added.gateway).toHaveLength(2);
    expect(added.gateway[0]).toBe(before.gateway[0]);
    expect(added.kids[0]).toBe(before.kids[0]);

    expect(run("--rotate", "use").stdout).toContain('stage "in_use"');
    const used = keys();
    expect(used.gateway).toEqual([...added.gateway].reverse());
    expect(used.kids).toEqual([...added.kids].reverse());

    expect(run("--rotate", "drop").stdout).toContain('stage "steady"');
    const dropped = keys();
    expect(dropped.gateway).toEqual([used.gateway[0]]);
    expect(dropped.kids).toEqual([used.kids[0]]);
    expect(dropped.originKey).toBe("keep");
    expect(readFileSync(file, "utf8")).toContain("# mine\n");
  });

  it.each([["use"], ["drop"]])("refuses --rotate %s while there is one key, and changes nothing", (step) => {
    const before = readFileSync(file, "utf8");
    const answer = run("--rotate", step);
    expect(answer.status).toBe(1);
    expect(answer.stderr).toContain("steady");
    expect(readFileSync(file, "utf8")).toBe(before);
  });

  it("refuses a second add before the first is finished", () => {
    run("--rotate", "add");
    expect(run("--rotate", "add").stderr).toContain("under way already");
    expect(keys().gateway).toHaveLength(2);
  });

  it("says to drop only when nothing that the old key sealed is needed", () => {
    run("--rotate", "add");
    expect(run("--rotate", "use").stdout).toContain(
      "when the longest session lifetime has passed since the new key is deployed, and 30 days where profile_max_age is shorter than 30d",
    );
  });

  it("reads a file with a byte order mark, and names another encoding than UTF-8", () => {
    const text = readFileSync(file, "utf8");
    writeFileSync(file, `\ufeff${text.replace("# mine\n", "")}`);
    expect(run("--rotate", "add").stdout).toContain('stage "added"');
    expect(keys().originKey).toBe("keep");
    const wide = Buffer.from(`\ufeff${text}`, "utf16le");
    writeFileSync(file, wide);
    const { status, stderr } = run("--rotate", "use");
    expect(stderr).toContain("is UTF-16");
    expect(stderr).toContain("save it as UTF-8");
    expect(status).toBe(1);
    expect(readFileSync(file).equals(wide)).toBe(true);
  });

  it("never prints a key while rotating", () => {
    const { stdout, stderr } = run("--rotate", "add");
    for (const key of keys().gateway) expect(stdout + stderr).not.toContain(key);
    expect(stdout + stderr).not.toContain('"d"');
  });
});

describe("a key of the management API", () => {
  const apiKeys = (text = readFileSync(file, "utf8")) => JSON.parse(parseEnv(text).API_KEYS ?? "[]");
  const tokenIn = (stdout: string) => stdout.match(/^wxk_[\w-]{43}$/gm) ?? [];

  it("is added to the file by its digest, and its token is shown once", () => {
    run("--api", "first", "--hosts", "www.example.com");
    const { stdout, status } = run("--api", "shop", "--scopes", "read", "--hosts", "www.example.com, *.example.com");
    expect(status).toBe(0);
    const [token = ""] = tokenIn(stdout);
    expect(tokenIn(stdout)).toHaveLength(1);
    expect(apiKeys()[1]).toEqual({
      name: "shop",
      sha256: createHash("sha256").update(token).digest("hex"),
      scopes: ["read"],
      hosts: ["www.example.com", "*.example.com"],
    });
    expect(apiKeys()[0]).toMatchObject({ name: "first", scopes: ["read", "write"] });
    expect(readFileSync(file, "utf8")).not.toContain(token);
    expect(keys().originKey).toBe("keep");
  });

  it("without --file is printed as API_KEYS, for every site of wrangler.toml", () => {
    const { stdout } = spawnSync(process.execPath, ["scripts/keys.ts", "--api", "shop"], { encoding: "utf8" });
    expect(tokenIn(stdout)).toHaveLength(1);
    expect(stdout).toContain("replaces the whole list");
    expect(apiKeys(stdout)).toMatchObject([{ name: "shop", scopes: ["read", "write"], hosts: ["www.example.com"] }]);
  });

  it("for the demo waits for the file that npm start makes", () => {
    const demo = join(".wrangler", "demo", ".dev.vars");
    const args = [resolve("scripts/keys.ts"), "--api", "shop", "--hosts", "localhost:8787", "--file", demo];
    const answer = spawnSync(process.execPath, args, { encoding: "utf8", cwd: folder });
    expect([answer.status, answer.stdout]).toEqual([1, ""]);
    expect(answer.stderr).toContain(`${demo} is not there yet: run npm start once first, and stop it`);
    expect(answer.stderr).not.toContain("ENOENT");
  });

  it.each([
    ["a name twice", ["--api", "taken", "--hosts", "a.example"], "is the name of an earlier key"],
    ["an unknown scope", ["--api", "x", "--scopes", "admin", "--hosts", "a.example"], "is not one of the known words"],
    ["a URL as host", ["--api", "x", "--hosts", "https://a.example"], "has a scheme"],
    ["a name with a space", ["--api", "a b", "--hosts", "a.example"], "is no name of a key"],
  ])("refuses %s, and changes nothing", (_, parameters, words) => {
    run("--api", "taken", "--hosts", "a.example");
    const before = readFileSync(file, "utf8");
    const { status, stderr, stdout } = run(...parameters);
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(words);
    expect(readFileSync(file, "utf8")).toBe(before);
  });
});
