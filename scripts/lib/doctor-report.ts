/** The doctor's words. */
import type { Config, Site, Warning } from "../../src/config/config.ts";
import type { Finding } from "./doctor-settings.ts";
import { nextStep, stageOf } from "./rotation.ts";
import { columns, styled } from "./terminal.ts";
import { VAR_LIMIT_BYTES, varBytes } from "./var-sizes.ts";

/** A heading and what belongs under it. */
export function section(title: string, body: string): string {
  return `${styled("bold", title)}\n${body}\n`;
}

/** Warnings, or findings of either level, each with its remedy. */
export function findingList(findings: readonly (Warning | Finding)[]): string {
  return findings.map(({ key, problem, remedy }) => `- ${key}: ${problem}.\n  → ${remedy}`).join("\n");
}

function originOf({ origin }: Site): string {
  if (origin.kind === "zone") return "zone";
  if (origin.kind === "binding") return `binding:${origin.name}`;
  return origin.via === null ? origin.base : `${origin.base} via ${origin.via}`;
}

/** One site: where it goes, who it is at WeChat, and its rules in order. */
export function siteSection(site: Site): string {
  const rules = site.rules.map(({ path, methods, access }) => [
    path,
    methods ? [...methods].join(", ") : "all",
    access,
  ]);
  const facts = [
    ["origin", originOf(site)],
    ["account", `${site.account.appId} (secret ${site.account.secretName})`],
    ["outside WeChat", site.outside],
    ...(site.mode === "observe" ? [["mode", "observe"]] : []),
  ];
  const table = columns([["path", "methods", "access"], ...rules, ["(all others)", "all", site.access]], "    ");
  return section(site.id, `${columns(facts)}\n${table}`);
}

/** What to register at WeChat, for each account. */
export function registrationSection(config: Config): string {
  const hosts = new Map<string, Set<string>>();
  for (const { account, callbackHost, id } of config.sites) {
    hosts.set(account.appId, (hosts.get(account.appId) ?? new Set()).add(callbackHost ?? id));
  }
  const lines = [...hosts].flatMap(([appId, names]) => [
    `  ${appId}: ${[...names].map((name) => `${name}/_wx`).join(", ")}`,
    ...(names.size > 2 ? ["    WeChat takes two per account: let the others share a callback_host."] : []),
  ]);
  return section(
    "Register at WeChat as web-auth domain (网页授权域名)",
    `${lines.join("\n")}\n  With /_wx, not the bare host: WeChat then sends codes to no other path of the site.`,
  );
}

/** Where a key rotation stands, and what comes next. */
export function rotationLine(env: Readonly<Record<string, unknown>>): string {
  const gateway = String(env.GATEWAY_SECRET).split(",");
  const stage = stageOf({ gateway, assertion: JSON.parse(String(env.ASSERTION_KEYS)).keys });
  return stage === "steady"
    ? "Key rotation: none under way"
    : `Key rotation: stage "${stage}"; next: ${nextStep(stage)}`;
}

/** How much of each variable's room is used. */
export function sizeSection(env: Readonly<Record<string, unknown>>): string {
  const written = Object.entries(env).filter(([, value]) => value !== "");
  const rows = written.map(([name, value]) => {
    const bytes = varBytes(value);
    return [name, `${bytes} bytes`, `${Math.round((100 * bytes) / VAR_LIMIT_BYTES)} % of ${VAR_LIMIT_BYTES}`];
  });
  return section("Variables and secrets seen here", rows.length > 0 ? columns(rows) : "  none");
}

/** The last line. */
export function summary(config: Config | null, mistakes: number, warnings: number): string {
  const count = (n: number, word: string) => `${n} ${word}${n === 1 ? "" : "s"}`;
  const sites = config === null ? "" : `${count(config.sites.length, "site")}, `;
  const line = `doctor: ${sites}${count(mistakes, "mistake")}, ${count(warnings, "warning")}.`;
  return styled(mistakes > 0 ? "red" : warnings > 0 ? "yellow" : "green", line);
}
