/** What of the children's output a person wants to see. */

import { stripVTControlCharacters } from "node:util";
import type { Filter } from "./child.ts";

const ERROR = /\[ERROR\]|\[wrangler:error\]|\bUncaught\b/;
const FATAL = /Build failed|runtime failed to start/;

/** Shows wxgate's log lines (one line JSON) and wrangler's errors with what is indented below them. */
export function gatewayFilter(onFatal: (line: string) => void): Filter {
  let inError = false;
  return (raw) => {
    const line = stripVTControlCharacters(raw);
    // wrangler dresses console.error lines; the JSON is inside.
    const json = /\{".*\}/.exec(line)?.[0];
    if (json !== undefined && isJson(json)) return json;
    if (FATAL.test(line)) onFatal(line);
    if (ERROR.test(line)) {
      inError = true;
      return line.trim();
    }
    if (line.trim() === "") return null;
    if (!/^\s/.test(line)) inError = false;
    return inError ? line : null;
  };
}

/** A server that says one line when it is ready, and nothing else but trouble. */
export function serverFilter(): Filter {
  let isFirst = true;
  return (line) => {
    const isGreeting = isFirst && /: http:\/\/localhost:\d+$/.test(line);
    isFirst = false;
    return isGreeting ? null : line;
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
