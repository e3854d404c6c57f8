/** Protected paths that an origin may serve under another spelling, which the rules judge weaker. */
import { type Config, LEVELS, type Rule } from "../../src/config/config.ts";
import { accessOf, type CompiledRules, compileRules } from "../../src/gate/match.ts";
import type { Finding } from "./doctor-settings.ts";

const PROTECTING: ReadonlySet<string> = new Set(["login", "profile", "deny"]);

/** `/.env`, `/logo.png`: servers know no such directory. Scripts take what follows as their own path. */
const FILE = /\/(?:\.[^/]*|[^/]*\.(?!(?:php\d?|phtml|cgi|pl|jsp|do|action|aspx?)$)\w+)$/i;

/** Stands for what a `*` matches. */
const ANY_TEXT = "x";

function findingOf(site: string, { path, methods, access }: Rule, compiled: CompiledRules): Finding[] {
  // A path that ends in a slash, or covers all below it, has no such twin.
  if (!PROTECTING.has(access) || /\/\**$/.test(path) || FILE.test(path)) return [];
  const [method = "GET"] = methods ?? [];
  const beside = accessOf(compiled, `${path.replace(/\*+/g, ANY_TEXT)}/`, method, false);
  if (LEVELS.indexOf(beside) >= LEVELS.indexOf(access)) return [];
  const served = path.endsWith(".php")
    ? `PHP serves ${path}/x as ${path}, and many servers ${path}/ too`
    : `many servers serve ${path}/ as ${path}`;
  return [
    {
      level: "warning",
      key: `${site}, rule ${path}`,
      problem: `is ${access}, but ${path}/ is ${beside}: ${served}`,
      remedy: `Write "${path}/*", which is ${path}, ${path}/ and what is below.`,
    },
  ];
}

export function spellingFindings(config: Config | null): Finding[] {
  return (config?.sites ?? []).flatMap((site) => {
    const compiled = compileRules(site);
    return site.rules.flatMap((rule) => findingOf(site.id, rule, compiled));
  });
}
