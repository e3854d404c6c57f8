/** A gateway's management API, over and over when it is busy: an import is safe to repeat. */
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { apiStore } from "./api-calls.ts";
import type { Target } from "./options.ts";
import type { Store } from "./store.ts";

export async function openApiStore(
  { url, keyFile }: Extract<Target, { kind: "api" }>,
  isStopping: () => boolean,
): Promise<Store> {
  if (keyFile !== null && !existsSync(keyFile)) throw new Error(`${keyFile} is not there; it is to hold the API key`);
  const key = (keyFile === null ? process.env.WXGATE_API_KEY : readFileSync(keyFile, "utf8"))?.trim();
  if (!key)
    throw new Error("the API key is missing: --key-file FILE, or WXGATE_API_KEY; npm run keys -- --api makes one");
  // Anything else (quotes “”, a line of .dev.vars, two lines) could not even be sent.
  if (!/^wxk_[\w-]+$/.test(key)) {
    throw new Error(
      `${keyFile === null ? "WXGATE_API_KEY" : keyFile}: is no API key: wxk_ and 43 characters, without quotes or anything else`,
    );
  }
  return apiStore({ url, key, isStopping, wait: (ms) => sleep(ms), ask: fetch });
}
