import { readFileSync } from "node:fs";
import { configReference, type ReferenceLanguage } from "../../src/config/reference.ts";

const START = "<!-- config-reference:start -->";
const END = "<!-- config-reference:end -->";

/** A README with the configuration reference, made from the parser's own tables, between its markers. */
export function readmeWithReference(file: string, language: ReferenceLanguage): string {
  const document = readFileSync(file, "utf8");
  const start = document.indexOf(START);
  const end = document.indexOf(END, start);
  if (start < 0 || end < 0) throw new Error(`${file} has no markers ${START} … ${END}`);
  return `${document.slice(0, start + START.length)}\n\n${configReference(language)}\n\n${document.slice(end)}`;
}
