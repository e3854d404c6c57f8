import type { ApiScope } from "../config/config.ts";
import { log } from "../log.ts";
import { reportFailure, visitFacts } from "../report.ts";
import { jsonAnswer } from "../respond.ts";
import type { StorageFailure } from "../storage/d1.ts";
import type { Visit } from "../visit.ts";
import { type InputMistake, PROBLEMS, type ProblemCode } from "./problems.ts";

export type ProblemOptions = { errors?: readonly InputMistake[]; headers?: Record<string, string> };

export function problem(visit: Visit, code: ProblemCode, { errors, headers = {} }: ProblemOptions = {}): Response {
  const [status, detail] = PROBLEMS[code];
  const title = code[0]?.toUpperCase() + code.slice(1).replaceAll("_", " ");
  const body = { type: `urn:wxgate:problem:${code}`, title, status, detail, code, request_id: visit.requestId, errors };
  return jsonAnswer(visit, status, body, {
    headers: { ...headers, "Content-Type": "application/problem+json" },
  });
}

/** D1 or KV failed. Every write is one transaction, and safe to repeat. */
export function storageProblem(visit: Visit, { detail }: StorageFailure): Response {
  reportFailure(visit, "storage_unavailable", { detail });
  return problem(visit, "storage_unavailable");
}

/** Who is refused, and why, as RFC 6750 has it. */
export function keyProblem(visit: Visit, code: ProblemCode, scope?: ApiScope): Response {
  log(visit.runtime.version, { event: "failure", level: "warn", code, ...visitFacts(visit) });
  const challenge = scope === undefined ? "Bearer" : `Bearer error="insufficient_scope", scope="${scope}"`;
  return problem(visit, code, { headers: { "WWW-Authenticate": challenge } });
}
