import type { ApiKey } from "../config/config.ts";
import { utf8Bytes } from "../encoding.ts";
import type { Visit } from "../visit.ts";
import { keyProblem } from "./problem-answer.ts";

/** The key that the request shows, if it is good for this host; else the answer that refuses it. */
export async function authenticate(visit: Visit): Promise<ApiKey | Response> {
  const token = /^Bearer +(\S+)$/i.exec(visit.request.headers.get("authorization") ?? "")?.[1];
  if (token === undefined) return keyProblem(visit, "key_missing");
  const digest = await crypto.subtle.digest("SHA-256", utf8Bytes(token));
  // All keys, always, in constant time: how long it takes tells nothing of any.
  let found: ApiKey | null = null;
  for (const key of visit.runtime.config.apiKeys) {
    if (crypto.subtle.timingSafeEqual(digest, key.digest)) found = key;
  }
  if (found === null) return keyProblem(visit, "key_unknown");
  const isForHere = found.hosts.some((host) => host === visit.host || host === visit.site.id);
  return isForHere ? found : keyProblem(visit, "key_wrong_host");
}
