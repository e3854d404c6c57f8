import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { commitOf } from "../bench/lib/commit.ts";

/** The command lines of `bench/`, and what its report says it measured. */

const run = (file: string, ...args: string[]) =>
  spawnSync(process.execPath, [`bench/${file}.ts`, ...args], { encoding: "utf8" });

it.each(["run", "load", "profile"])("bench/%s.ts tells its options, and measures nothing meanwhile", (file) => {
  const { status, stdout, stderr } = run(file, "--help");
  expect([status, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/--(quick|seconds|case)/);
});

it.each(["run", "load", "profile"])("bench/%s.ts refuses an unknown option without a stack", (file) => {
  const { status, stdout, stderr } = run(file, "--qick");
  expect([status, stdout]).toEqual([2, ""]);
  expect(stderr).toContain("--qick");
  expect(stderr).toMatch(/--(quick|seconds|case)/);
  expect(stderr).not.toMatch(/^\s+at /m);
});

it("a report names the commit, whether it was changed, and nothing without git", () => {
  const folder = mkdtempSync(join(tmpdir(), "wxgate-commit-"));
  const git = (...args: string[]) =>
    spawnSync("git", ["-c", "user.name=x", "-c", "user.email=x@example.com", ...args], {
      cwd: folder,
      encoding: "utf8",
    });
  expect(commitOf(folder)).toBeNull();
  git("init", "--quiet");
  expect(commitOf(folder)).toBeNull();
  mkdirSync(join(folder, "bench"));
  for (const file of ["a.txt", "bench/report.md"]) writeFileSync(join(folder, file), "1");
  git("add", ".");
  git("commit", "--quiet", "--no-gpg-sign", "--message", "first");
  const hash = git("rev-parse", "--short", "HEAD").stdout.trim();
  expect(commitOf(folder)).toBe(hash);
  // An earlier run's report is no change of what is measured.
  writeFileSync(join(folder, "bench/report.md"), "2");
  expect(commitOf(folder)).toBe(hash);
  expect(commitOf(join(folder, "bench"))).toBeNull();
  writeFileSync(join(folder, "new.txt"), "1");
  expect(commitOf(folder)).toBe(`${hash} with local changes`);
  rmSync(folder, { recursive: true });
});
