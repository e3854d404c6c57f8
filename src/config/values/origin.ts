/** Where a site's requests go. */
import { complain, type Read, Wrong } from "../complaint.ts";
import { didYouMean } from "../nearest.ts";
import { readBaseUrl } from "./base-url.ts";
import { readBindingName } from "./name.ts";

/** An origin before `via` is known. */
export type OriginTarget = { kind: "zone" } | { kind: "url"; base: string } | { kind: "binding"; name: string };

const BINDING = "binding:";

/** Reads `zone`, a URL, or `binding:NAME`. */
export function readOrigin(text: string): Read<OriginTarget> {
  if (text === "zone") return { kind: "zone" };
  if (text.startsWith(BINDING)) {
    const name = readBindingName(text.slice(BINDING.length));
    return name instanceof Wrong ? name : { kind: "binding", name };
  }
  if (!text.includes("://")) {
    return complain(
      "is no origin",
      `${didYouMean(text, ["zone"])}Write "zone", a URL (https://origin.example.net) or "binding:NAME".`,
    );
  }
  const url = readBaseUrl(text);
  return url instanceof Wrong ? url : { kind: "url", base: url.origin };
}

/** Reads one of `allowed_origins` as browsers serialise it. */
export function readAllowedOrigin(text: string): Read<string> {
  if (text === "*" || text === "null") {
    return complain("would let every page in", "Write each origin out: https://app.example.com.");
  }
  const url = readBaseUrl(text);
  return url instanceof Wrong ? url : url.origin;
}
