/**
 * Writes the configuration reference between its markers in the READMEs.
 *
 *   node scripts/config-reference.ts            writes; prints where a README or its markers are missing
 *   node scripts/config-reference.ts --check    exit 1 when a README is stale
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { configReference, type ReferenceLanguage } from "../src/config/reference.ts";

const START = "<!-- config-reference:start -->";
const END = "<!-- config-reference:end -->";
const READMES: readonly { file: string; language: ReferenceLanguage }[] = [
  { file: "README.md", language: "en" },
  { file: "README.zh-CN.md", language: "zh" },
];

/** The document with the reference in its place; `null` = it has no place for it. */
function withReference(document: string, reference: string): string | null {
  const start = document.indexOf(START);
  const end = document.indexOf(END, start);
  if (start < 0 || end < 0) return null;
  return `${document.slice(0, start + START.length)}\n\n${reference}\n\n${document.slice(end)}`;
}

const { values } = parseArgs({ options: { check: { type: "boolean", default: false } } });
for (const { file, language } of READMES) {
  const path = new URL(`../${file}`, import.meta.url);
  const reference = configReference(language);
  const current = existsSync(path) ? readFileSync(path, "utf8") : "";
  const updated = withReference(current, reference);
  if (updated === null) {
    console.error(`${file}: no markers ${START} … ${END}`);
    if (values.check) process.exitCode = 1;
    else console.log(`${START}\n\n${reference}\n\n${END}\n`);
  } else if (updated === current) {
    console.error(`${file}: up to date`);
  } else if (values.check) {
    console.error(`${file}: stale; run \`npm run config-reference\``);
    process.exitCode = 1;
  } else {
    writeFileSync(path, updated);
    console.error(`${file}: written`);
  }
}
