/** The origin's own cookies. */
import { complain, type Read } from "../complaint.ts";
import { TOKEN } from "./token.ts";

/** Session, attempt and signed-out marker, with and without the prefix (design 4). */
const OWN = /^(__host-)?wx(_out|_a_.*)?$/i;
/** A Path in visible ASCII but `;` and `,`. */
const PATH = /^; *path=(\/[!-+\--:<-~]{0,255})$/i;

/** Reads a cookie that is not one of wxgate's: its name, and `; Path=…` where that is not `/`. */
export function readOriginCookie(text: string): Read<string> {
  const [name = ""] = text.split(";", 1);
  if (!TOKEN.test(name)) return complain("is no cookie name", "Write the name alone: PHPSESSID.");
  if (OWN.test(name)) return complain("is one of wxgate's own cookies", "Name the origin's cookies only.");
  if (name === text) return name;
  const path = PATH.exec(text.slice(name.length))?.[1];
  if (path !== undefined) return path === "/" ? name : `${name}; Path=${path}`;
  return complain(
    "has more than a Path behind its name",
    'Write "JSESSIONID; Path=/shop": a Path in ASCII, at most 256 long, without spaces and commas.',
  );
}
