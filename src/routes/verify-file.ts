import type { Site } from "../config/config.ts";
import { type Asked, methodRefused, textAnswer } from "../respond.ts";

/** WeChat reads the file over http or https, follows no redirect, and wants the exact body. */
const VERIFY_MAX_AGE_SECONDS = 300;

/** `/MP_verify_X.txt` and `/_wx/MP_verify_X.txt` where configured; `null` for every other path. */
export function verifyFile(asked: Asked, site: Site, path: string): Response | Promise<Response> | null {
  if (site.verify.size === 0 || !path.endsWith(".txt")) return null;
  const name = path.startsWith("/_wx/") ? path.slice("/_wx/".length) : path.slice(1);
  const body = site.verify.get(name);
  if (body === undefined) return null;
  const { method } = asked.request;
  if (method !== "GET" && method !== "HEAD") {
    return methodRefused(asked, ["GET", "HEAD"]);
  }
  const headers = { "Cache-Control": `public, max-age=${VERIFY_MAX_AGE_SECONDS}` };
  return textAnswer(asked, 200, method === "HEAD" ? "" : body, { headers });
}
