/** Sizes of variables against Workers' limit. */
import type { Finding } from "./doctor-settings.ts";

/** 5 KB for each variable and secret. */
export const VAR_LIMIT_BYTES = 5_120;
const WARN_SHARE = 0.8;

/** Bytes as Workers counts them: text as it is, anything else as JSON. */
export function varBytes(value: unknown): number {
  return Buffer.byteLength(typeof value === "string" ? value : (JSON.stringify(value) ?? ""));
}

/** Variables that are too large, or nearly. */
export function sizeFindings(env: Readonly<Record<string, unknown>>): Finding[] {
  return Object.entries(env).flatMap(([key, value]): Finding[] => {
    const bytes = varBytes(value);
    if (bytes <= VAR_LIMIT_BYTES * WARN_SHARE) return [];
    const remedy = "Move sites to SITES_2 … SITES_9, or what they share to DEFAULTS.";
    const problem = `has ${bytes} bytes of at most ${VAR_LIMIT_BYTES}`;
    return [{ level: bytes > VAR_LIMIT_BYTES ? "mistake" : "warning", key, problem, remedy }];
  });
}
