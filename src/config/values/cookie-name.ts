/** Names of the origin's own cookies. */
import { complain, type Read } from "../complaint.ts";
import { TOKEN } from "./token.ts";

/** Session, attempt and signed-out marker, with and without the prefix (design 4). */
const OWN = /^(__host-)?wx(_out|_a_.*)?$/i;

/** Reads a cookie name that is not one of wxgate's. */
export function readCookieName(name: string): Read<string> {
  if (!TOKEN.test(name)) return complain("is no cookie name", "Write the name alone: PHPSESSID.");
  if (OWN.test(name)) return complain("is one of wxgate's own cookies", "Name the origin's cookies only.");
  return { value: name };
}
