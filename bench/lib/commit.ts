import { spawnSync } from "node:child_process";

/** The commit that lies in a folder, and whether it was changed since; `null` where git does not tell. */
export function commitOf(folder: string): string | null {
  const git = (...args: string[]) => spawnSync("git", args, { cwd: folder, encoding: "utf8" });
  const head = git("rev-parse", "--show-prefix", "--short", "HEAD");
  const [prefix = "", hash = ""] = head.status === 0 ? head.stdout.split("\n") : [];
  // A prefix: an unpacked copy within somebody's other repository.
  if (hash === "" || prefix !== "") return null;
  // The report itself is what the run before has written.
  const isChanged = git("status", "--porcelain", "--", ".", ":!bench/report.md").stdout !== "";
  return isChanged ? `${hash} with local changes` : hash;
}
