/** Splits a request's raw URL. `request.url` is not normalised by the runtime, and that is what we want to judge. */

/** `https://HOST`, as browsers name an origin. */
export function originOf({ scheme, host }: { scheme: "https" | "http"; host: string }): string {
  return `${scheme}://${host}`;
}

/** A raw URL up to its `?`, and from there on; `search` is empty when there is none. */
export function cutQuery(url: string): { base: string; search: string } {
  const cut = url.indexOf("?");
  return cut < 0 ? { base: url, search: "" } : { base: url.slice(0, cut), search: url.slice(cut) };
}

type RequestTarget = {
  scheme: "https" | "http";
  /** HOST of the contract: lower case, no trailing dot, a non-default port kept. */
  host: string;
  /** As sent, at least `/`. */
  rawPath: string;
};

const TARGET = /^(https?):\/\/([^/#\\]*)(.*)$/is;
const AUTHORITY = /^((?:[a-z0-9_-]+\.)*[a-z0-9_-]+|\[[0-9a-f:.]+\])\.?(?::([0-9]{1,5}))?$/;

const DEFAULT_PORT = { https: 443, http: 80 };

/**
 * Canonical HOST of a `Host` value or authority; `null` when it is none (empty, userinfo, percent-encoded…).
 */
export function canonicalHost(authority: string, scheme: "https" | "http"): string | null {
  const match = AUTHORITY.exec(authority.toLowerCase());
  if (match === null) return null;
  const [, name, port] = match;
  if (name === undefined) return null;
  const number = Number(port ?? DEFAULT_PORT[scheme]);
  if (number < 1 || number > 65_535) return null;
  return number === DEFAULT_PORT[scheme] ? name : `${name}:${number}`;
}

/** The parts of a raw request URL without its query, or `null` when it has no usable host. */
export function parseTarget(base: string): RequestTarget | null {
  const match = TARGET.exec(base);
  if (match === null) return null;
  const scheme = match[1]?.toLowerCase() === "https" ? "https" : "http";
  const host = canonicalHost(match[2] ?? "", scheme);
  if (host === null) return null;
  return { scheme, host, rawPath: match[3] || "/" };
}
