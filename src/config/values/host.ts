/** Host names: as typed by people, as compared by machines. */
import { complain, type Faults, faultOf, type Read, Wrong } from "../complaint.ts";

const EXAMPLE = "Write the host alone: www.example.com, localhost:8787 or *.example.com.";
const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;
const MAX_NAME_LENGTH = 253;

const NO_HOST: Faults = [
  [/@/, "has user information", EXAMPLE],
  [/[/?#\\]/, "has a path or a query", EXAMPLE],
  [/[\s%]/, "has spaces or percent signs", EXAMPLE],
  [/\*/, "has a wildcard", "Write one host: www.example.com."],
];

/** A lower-case host in punycode, without trailing dot and without port 443. */
export function readHost(text: string): Read<string> {
  const [scheme] = /^[a-z][a-z0-9+.-]*:\/\//i.exec(text) ?? [];
  if (scheme !== undefined) return complain("has a scheme", `Write the host alone, without ${scheme}.`);
  const fault = faultOf(text, NO_HOST);
  if (fault !== null) return fault;
  if (!URL.canParse(`https://${text}`)) return complain("is not a host name", EXAMPLE);
  const { hostname, port } = new URL(`https://${text}`);
  const name = hostname.replace(/\.$/, "");
  const valid = name.startsWith("[") || (name.length <= MAX_NAME_LENGTH && name.split(".").every((l) => LABEL.test(l)));
  if (!valid) return complain("is not a host name", EXAMPLE);
  return port === "" ? name : `${name}:${port}`;
}

/** A host, or `*.` and a host. */
export function readHostPattern(text: string): Read<string> {
  if (!text.startsWith("*.")) {
    const plain = readHost(text);
    return plain instanceof Wrong && text.includes("*")
      ? complain("has a wildcard that is not its first label", "Write *.example.com, or one host.")
      : plain;
  }
  const parent = readHost(text.slice(2));
  if (parent instanceof Wrong) return parent;
  if (/^\[|^\d+\.\d+\.\d+\.\d+(:|$)/.test(parent)) return complain("is a wildcard over an address", EXAMPLE);
  return `*.${parent}`;
}

/** Whether a configured host answers for `host`; a wildcard never answers for its own parent. */
export function servesHost(pattern: string, host: string): boolean {
  if (!pattern.startsWith("*.")) return pattern === host;
  return host.length > pattern.length - 1 && host.endsWith(pattern.slice(1));
}
