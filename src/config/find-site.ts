import type { Config, Site } from "./config.ts";
import { servesHost } from "./values/host.ts";

/**
 * The site of a canonical HOST: an exact one first, then the longest wildcard, then, when the host has a port that no
 * site names, the site of the host without it. A wildcard never matches its apex.
 */
export function findSite(config: Pick<Config, "sites">, host: string): Site | null {
  const exact = config.sites.find((site) => site.id === host);
  if (exact !== undefined) return exact;
  let best: Site | null = null;
  for (const site of config.sites) {
    if (servesHost(site.id, host) && (best === null || site.id.length > best.id.length)) best = site;
  }
  if (best !== null) return best;
  const withoutPort = host.replace(/:\d+$/, "");
  return withoutPort === host ? null : findSite(config, withoutPort);
}
