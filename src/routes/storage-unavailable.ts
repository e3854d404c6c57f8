import { refuse } from "../refuse.ts";
import type { Visit } from "../visit.ts";

/** D1 does not answer, and nobody may pass as somebody by guess: 503, and a line in the log. */
export function storageUnavailable(visit: Visit, more?: { detail: string }): Promise<Response> {
  return refuse(visit, "storage_unavailable", undefined, undefined, more);
}
