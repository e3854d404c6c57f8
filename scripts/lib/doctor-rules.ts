/** Protected paths that an origin may serve under another spelling, which the rules judge weaker. */
import { type Config, LEVELS, type Rule } from "../../src/config/config.ts";
import { accessOf, type CompiledRules, compileRules } from "../../src/gate/match.ts";
import type { Finding } from "./doctor-settings.ts";

const PROTECTING: ReadonlySet<string> = new Set(["login", "profile", "deny"]);

/** Suffixes of files that servers hand out as they are. Not those of answers that programs make too: .json, .xml, .php. */
const STATIC = `html? xhtml css m?js map txt md csv pdf docx? xlsx? pptx? rtf epub
  png jpe?g gif svgz? webp avif ico bmp tiff? woff2? ttf otf eot mp[34] m4[av] mov avi webm mkv flv og[agv] wav flac m3u8
  zip gz tgz bz2 xz 7z rar tar zst apk ipa exe msi dmg iso wasm swf
  sql sqlite3? db dump bak old orig swp log ini conf cfg ya?ml toml lock pem key crt cer p12 pfx`.split(/\s+/);

/** `/.env`, `/logo.png`: servers know no such directory. */
const FILE = new RegExp(`/(?:\\.[^/]*|[^/]*\\.(?:${STATIC.join("|")}))$`, "i");

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
