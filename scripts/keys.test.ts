import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

  it("never prints a key while rotating", () => {
    const { stdout, stderr } = run("--rotate", "add");
    for (const key of keys().gateway) expect(stdout + stderr).not.toContain(key);
    expect(stdout + stderr).not.toContain('"d"');
  });
});
