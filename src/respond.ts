import { FAILURES, type FailureCode } from "./errors.ts";
import { requestKindOf } from "./gate/visitor.ts";
import { pickLanguage } from "./pages/language.ts";
import { type Page, pageSecurityPolicy, renderPage } from "./pages/page.ts";

/** Every answer of wxgate's own is made here, so that none misses a header. */

/** What an answer needs of the request; also known where no site is. */
export type Asked = { request: Request; requestId: string };

export type AnswerOptions = { cookies?: readonly string[]; headers?: Record<string, string> };

/** @param own headers of this kind of answer */
function answer(
  { requestId }: Asked,
  status: number,
  body: string | null,
  own: Record<string, string>,
  { cookies = [], headers = {} }: AnswerOptions,
): Response {
  const all = new Headers({
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Request-Id": requestId,
    "X-Robots-Tag": "noindex",
  });
  for (const [name, value] of Object.entries({ ...own, ...headers })) all.set(name, value);
  for (const cookie of cookies) all.append("Set-Cookie", cookie);
  return new Response(body, { status, headers: all });
}

export async function pageAnswer(
  asked: Asked,
  status: number,
  page: Page,
  options: AnswerOptions = {},
): Promise<Response> {
  const language = pickLanguage(asked.request.headers.get("accept-language"));
  const own = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Language": language === "zh" ? "zh-CN" : "en",
    Vary: "Accept-Language",
    "Content-Security-Policy": await pageSecurityPolicy(),
  };
  return answer(asked, status, await renderPage(page, language, asked.requestId), own, options);
}

export function jsonAnswer(asked: Asked, status: number, body: unknown, options: AnswerOptions = {}): Response {
  return answer(asked, status, JSON.stringify(body), { "Content-Type": "application/json; charset=utf-8" }, options);
}

export function textAnswer(asked: Asked, status: number, body: string, options: AnswerOptions = {}): Response {
  return answer(asked, status, body, { "Content-Type": "text/plain; charset=utf-8" }, options);
}

export function emptyAnswer(asked: Asked, options: AnswerOptions = {}): Response {
  return answer(asked, 204, null, {}, options);
}

/** `location` is ours or WeChat's, never a visitor's input as it came. */
export function redirectAnswer(
  asked: Asked,
  status: 302 | 303 | 308,
  location: string,
  options: AnswerOptions = {},
): Response {
  return answer(asked, status, null, { Location: location }, options);
}

/** A page for people, JSON for programs; the code and the request id, nothing else. */
export async function failureAnswer(
  asked: Asked,
  code: FailureCode,
  page?: Page,
  options: AnswerOptions = {},
): Promise<Response> {
  const status = FAILURES[code];
  return wantsPage(asked.request)
    ? pageAnswer(asked, status, page ?? { kind: "error", code, status }, options)
    : jsonAnswer(asked, status, { code, request_id: asked.requestId }, options);
}

/** @param allowed the methods that are served here */
export function methodRefused(asked: Asked, allowed: readonly string[]): Promise<Response> {
  return failureAnswer(asked, "method_refused", undefined, { headers: { Allow: allowed.join(", ") } });
}

/** Would a person look at this answer? */
export function wantsPage(request: Request): boolean {
  if (requestKindOf(request.method, request.headers) === "navigation") return true;
  const { headers } = request;
  const mode = headers.get("sec-fetch-mode");
  if (mode !== null) return mode === "navigate";
  return (headers.get("accept") ?? "").includes("text/html") && headers.get("x-requested-with") !== "XMLHttpRequest";
}
