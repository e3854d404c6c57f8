import { publicKeySet } from "../identity/assertion.ts";
import { jsonAnswer } from "../respond.ts";
import type { Visit } from "../visit.ts";

/** Origins may keep the keys so long: a key must be published at least as long before it signs. */
const JWKS_MAX_AGE_SECONDS = 300;

/** `GET /_wx/jwks.json`: the public assertion keys. */
export function jwks(visit: Visit): Response {
  const headers = {
    "Cache-Control": `public, max-age=${JWKS_MAX_AGE_SECONDS}`,
    "Content-Type": "application/jwk-set+json",
    "Access-Control-Allow-Origin": "*",
  };
  return jsonAnswer(visit, 200, publicKeySet(visit.runtime.config.assertionKeys), { headers });
}
