// Before `npm start`: installs the dependencies when they are missing or no longer those of the lockfile.
// Runs on Node 20 with nothing installed, hence plain JavaScript and no imports from node_modules.

import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const TICK_MS = 1_000;
const OLDEST_NODE = 20;

if (Number(process.versions.node.split(".")[0]) < OLDEST_NODE) {
  console.error(`Node ${OLDEST_NODE} or newer is needed; this is ${process.version}`);
  process.exit(1);
}
if (!isInstalled()) await install();

/** Compares what is installed with the lockfile: a file's date says nothing after a git checkout. */
function isInstalled() {
  const installed = packagesOf(join(ROOT, "node_modules", ".package-lock.json"));
  if (installed === null) return false;
  const locked = packagesOf(join(ROOT, "package-lock.json"));
  return Object.entries(locked ?? {}).every(([path, wanted]) => {
    if (path === "") return true;
    const found = installed[path];
    // Optional ones are those of other platforms.
    return found === undefined ? wanted.optional === true : found.version === wanted.version;
  });
}

/** @returns {Record<string, { version?: string, optional?: boolean }> | null} */
function packagesOf(lockfile) {
  if (!existsSync(lockfile)) return null;
  try {
    return JSON.parse(readFileSync(lockfile, "utf8")).packages ?? {};
  } catch {
    return null;
  }
}

/** `npm ci`, quiet but for one line, with all it said when it fails. */
async function install() {
  const [command, args, shell] = npm();
  const begun = Date.now();
  const line = () => `安装依赖 installing dependencies (npm ci)… ${Math.round((Date.now() - begun) / 1_000)} s`;
  const child = spawn(command, [...args, "ci", "--no-audit", "--no-fund"], {
    cwd: ROOT,
    env: environmentWithoutOwnBin(),
    stdio: ["ignore", "pipe", "pipe"],
    shell,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  process.stdout.write(line());
  const ticking = process.stdout.isTTY ? setInterval(() => process.stdout.write(`\r${line()}`), TICK_MS) : undefined;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));

  const problem = await new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) => resolve(code === 0 ? null : `npm ci ended with ${signal ?? code}`));
  });
  clearInterval(ticking);
  process.stdout.write(process.stdout.isTTY ? `\r${line()}\n` : "\n");
  if (problem === null) return;
  console.error(`${output}${problem}`);
  process.exit(1);
}

/** The npm that runs us, on the Node that runs it: `node` here may be the one that npm ci is about to replace. */
function npm() {
  const { npm_execpath: script, npm_node_execpath: node } = process.env;
  if (script?.endsWith(".js")) return [node ?? process.execPath, [script], false];
  return process.platform === "win32" ? ["npm.cmd", [], true] : ["npm", [], false];
}

function environmentWithoutOwnBin() {
  const name = Object.keys(process.env).find((key) => key.toUpperCase() === "PATH") ?? "PATH";
  const own = join(ROOT, "node_modules") + sep;
  const kept = (process.env[name] ?? "").split(delimiter).filter((folder) => !`${folder}${sep}`.startsWith(own));
  return { ...process.env, [name]: kept.join(delimiter) };
}
