/** Where a site's requests go. */
import { complain, type Read } from "../complaint.ts";
import { nearest } from "../nearest.ts";
import { readBaseUrl } from "./base-url.ts";
import { readBindingName } from "./name.ts";

/** An origin before `via` is known. */
export type OriginTarget = { kind: "zone" } | { kind: "url"; base: string } | { kind: "binding"; name: string };

const BINDING = "binding:";

/** Reads `zone`, a URL, or `binding:NAME`. */
export function readOrigin(text: string): Read<OriginTarget> {
  if (text === "zone") return { value: { kind: "zone" } };
  if (text.startsWith(BINDING)) {
    const name = readBindingName(text.slice(BINDING.length));
    return "problem" in name ? name : { value: { kind: "binding", name: name.value } };
  }
  if (!text.includes("://")) {
    const near = nearest(text, ["zone"]);
    const hint = near === null ? "" : `Did you mean "${near}"? `;
    return complain(
      "is no origin",
      `${hint}Write "zone", a URL (https://origin.example.net) or "binding:NAME" for a service binding.`,
    );
  }
  const url = readBaseUrl(text);
  return "problem" in url ? url : { value: { kind: "url", base: url.value.origin } };
}

/** Reads one of `allowed_origins` as browsers serialise it. */
export function readAllowedOrigin(text: string): Read<string> {
  if (text === "*" || text === "null") {
    return complain("would let every page in", "Write each origin out: https://app.example.com.");
  }
  const url = readBaseUrl(text);
  return "problem" in url ? url : { value: url.value.origin };
}
