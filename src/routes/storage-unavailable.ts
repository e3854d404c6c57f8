import { reportFailure } from "../report.ts";
import { failureAnswer } from "../respond.ts";
import type { Visit } from "../visit.ts";

/** D1 does not answer, and nobody may pass as somebody by guess: 503, and a line in the log. */
export function storageUnavailable(visit: Visit, more: { detail?: string } = {}): Promise<Response> {
  reportFailure(visit, "storage_unavailable", more);
  return failureAnswer(visit, "storage_unavailable");
}
