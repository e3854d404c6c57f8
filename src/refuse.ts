import type { FailureCode } from "./errors.ts";
import type { LogEvent } from "./log.ts";
import type { Page } from "./pages/page.ts";
import { reportFailure } from "./report.ts";
import { type AnswerOptions, failureAnswer } from "./respond.ts";
import type { Visit } from "./visit.ts";

/** A failure that the operator is told of: its log line, and its answer. */
export function refuse(
  visit: Visit,
  code: FailureCode,
  page?: Page,
  options?: AnswerOptions,
  more?: Partial<LogEvent>,
): Promise<Response> {
  reportFailure(visit, code, more);
  return failureAnswer(visit, code, page, options);
}
