/**
 * Keeps package-lock.json complete for platforms whose builds this machine's registry does not offer: npm writes an
 * optional dependency into the lockfile only when it could look it up, and `npm ci` on a machine of such a platform
 * would then install nothing for it. Plain Node 20, no dependencies.
 *
 *   node scripts/lockfile.mjs [--check]   exit 1 when an entry is missing
 *   node scripts/lockfile.mjs --fix       adds what is missing
 */
import { readFileSync, writeFileSync } from "node:fs";

const FILE = new URL("../package-lock.json", import.meta.url);
const SYSTEMS = { darwin: "darwin", linux: "linux", win32: "win32", windows: "win32", android: "android" };
const PROCESSORS = { 64: "x64", x64: "x64", arm64: "arm64", 32: "ia32", ia32: "ia32", arm: "arm" };
const LIBRARIES = { musl: "musl", gnu: "glibc" };

/** Where node would find `name` from within the package at `from`; `null` = nowhere. */
function resolve(packages, from, name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")))) {
    const path = folder === "" ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (packages[path]) return path;
    if (folder === "") return null;
  }
}

/** os, cpu and libc by the words of a package's name: `workerd-darwin-64`, `cli-linux-x64-musl`. */
function platformOf(name) {
  const words = name.split("/").at(-1).split("-");
  const pick = (table) => words.map((word) => (Object.hasOwn(table, word) ? table[word] : undefined)).find(Boolean);
  const [os, cpu, libc] = [pick(SYSTEMS), pick(PROCESSORS), pick(LIBRARIES)];
  if (!os || !cpu) throw new Error(`${name}: cannot tell its platform from its name; teach scripts/lockfile.mjs`);
  return { os: [os], cpu: [cpu], ...(libc && { libc: [libc] }) };
}

/** What the lockfile lacks: name, version, and the package that wants it. */
function findMissing(packages) {
  return Object.entries(packages).flatMap(([parentPath, parent]) =>
    Object.entries(parent.optionalDependencies ?? {})
      .filter(([name]) => resolve(packages, parentPath, name) === null)
      .map(([name, version]) => ({ name, version, parentPath, parent })),
  );
}

/** An entry as npm writes it, without the hash that only the registry knows. */
function newEntry(packages, { name, version, parentPath, parent }) {
  if (!/^\d+\.\d+\.\d+/.test(version)) throw new Error(`${name}: ${version} is no exact version`);
  const sibling = Object.keys(parent.optionalDependencies)
    .map((other) => resolve(packages, parentPath, other))
    .filter((path) => path !== null)
    .map((path) => packages[path])[0];
  const { os, cpu, libc } = platformOf(name);
  // npm's order: version first, the rest by name, tables last.
  return {
    version,
    cpu,
    ...(parent.dev && { dev: true }),
    ...(parent.devOptional && { devOptional: true }),
    ...(libc && { libc }),
    ...(sibling?.license && { license: sibling.license }),
    optional: true,
    os,
    ...(parent.peer && { peer: true }),
    ...(sibling?.engines && { engines: sibling.engines }),
  };
}

function fix(lock, missing) {
  for (const wanted of missing) {
    const folder = wanted.parentPath.slice(0, wanted.parentPath.lastIndexOf("node_modules/"));
    lock.packages[`${folder}node_modules/${wanted.name}`] = newEntry(lock.packages, wanted);
  }
  const { "": root, ...others } = lock.packages;
  const sorted = Object.entries(others).sort(([a], [b]) => a.localeCompare(b, "en"));
  lock.packages = { ...(root && { "": root }), ...Object.fromEntries(sorted) };
  writeFileSync(FILE, `${JSON.stringify(lock, null, 2)}\n`);
}

const mode = process.argv[2] ?? "--check";
if (!["--check", "--fix"].includes(mode) || process.argv.length > 3) {
  console.error("usage: node scripts/lockfile.mjs [--check | --fix]");
  process.exit(2);
}
const lock = JSON.parse(readFileSync(FILE, "utf8"));
const missing = findMissing(lock.packages);
const names = missing.map(({ name, version }) => `  ${name}@${version}`).join("\n");
if (missing.length === 0) {
  console.log("package-lock.json has every platform's optional dependencies.");
} else if (mode === "--fix") {
  fix(lock, missing);
  console.log(`Added to package-lock.json:\n${names}`);
} else {
  console.error(`package-lock.json lacks optional dependencies:\n${names}\nRun: node scripts/lockfile.mjs --fix`);
  process.exitCode = 1;
}
