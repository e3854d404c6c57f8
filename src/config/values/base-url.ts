/** URLs that name a server and nothing behind it: scheme, host and port. */
import { complain, type Read } from "../complaint.ts";

const WRITE = "Write scheme and host: https://origin.example.net.";

/** Reads an http or https URL without path, query or credentials. */
export function readBaseUrl(text: string): Read<URL> {
  if (!/^https?:\/\/[^/]/i.test(text)) {
    return complain("is no http or https URL", WRITE);
  }
  if (/[\s\\*]/.test(text) || !URL.canParse(text)) {
    return complain("is not a valid URL", WRITE);
  }
  const url = new URL(text);
  if (text.includes("@")) {
    return complain("holds credentials", "Leave them out; send a secret with headers.");
  }
  if (url.pathname !== "/" || /[?#]/.test(text)) {
    return complain("has a path, a query or a fragment", `Write scheme, host and port only: ${url.origin}.`);
  }
  return url;
}
