import type { ProviderFailure } from "./accounts/account.ts";
import { utf8Bytes } from "./encoding.ts";
import { ALARMS, type FailureCode } from "./errors.ts";
import { type LogEvent, log } from "./log.ts";
import { importPseudonymKey } from "./seal.ts";
import type { Visit } from "./visit.ts";

/** A failure's one log line, with what identifies the request and nothing that identifies a person. */
export function reportFailure(visit: Visit, code: FailureCode, more: Partial<LogEvent> = {}): void {
  const level = ALARMS.has(code) ? "error" : "warn";
  log(visit.runtime.version, { event: "failure", level, code, ...visitFacts(visit), ...more });
}

export function visitFacts(visit: Visit): Pick<LogEvent, "site" | "request_id" | "duration_ms"> {
  return { site: visit.site.id, request_id: visit.requestId, duration_ms: Date.now() - visit.receivedAt };
}

/** WeChat's number and request id, for the operator and WeChat's support. */
export function refusalFacts(failure: ProviderFailure): Partial<LogEvent> {
  if (!("errcode" in failure)) return {};
  return failure.rid === null ? { errcode: failure.errcode } : { errcode: failure.errcode, rid: failure.rid };
}

/** First 8 characters of a keyed HMAC of the openid: the same person is recognised, nobody is named. */
export async function pseudonym(visit: Visit, openid: string): Promise<string> {
  const { runtime } = visit;
  runtime.whoKey ??= await importPseudonymKey(runtime.config.gatewayKeys);
  const digest = await crypto.subtle.sign("HMAC", runtime.whoKey, utf8Bytes(openid));
  return new Uint8Array(digest).toHex().slice(0, 8);
}
