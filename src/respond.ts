import { type FailureCode, failureFacts } from "./errors.ts";
import { requestKindOf } from "./gate/visitor.ts";
import { pickLanguage } from "./pages/language.ts";
import { type Page, pageSecurityPolicy, renderPage } from "./pages/page.ts";

/** Every answer of wxgate's own is made here, so that none misses a header. */

/** What an answer needs of the request; also known where no site is. */
export type Asked = { request: Request; requestId: string };

export type AnswerOptions = { cookies?: readonly string[]; headers?: Record<string, string> };

const NO_STORE = "no-store";

function ownHeaders({ requestId }: Asked, { cookies = [], headers = {} }: AnswerOptions): Headers {
  const all = new Headers({
    "Cache-Control": NO_STORE,
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Request-Id": requestId,
    "X-Robots-Tag": "noindex",
  });
  for (const [name, value] of Object.entries(headers)) all.set(name, value);
  for (const cookie of cookies) all.append("Set-Cookie", cookie);
  return all;
}

export async function pageAnswer(
  asked: Asked,
  status: number,
  page: Page,
  options: AnswerOptions = {},
): Promise<Response> {
  const language = pickLanguage(asked.request.headers.get("accept-language"));
  const headers = ownHeaders(asked, options);
  headers.set("Content-Type", "text/html; charset=utf-8");
  headers.set("Content-Language", language === "zh" ? "zh-CN" : "en");
  headers.set("Vary", "Accept-Language");
  headers.set("Content-Security-Policy", await pageSecurityPolicy());
  return new Response(await renderPage(page, language, asked.requestId), { status, headers });
}

export function jsonAnswer(asked: Asked, status: number, body: unknown, options: AnswerOptions = {}): Response {
  const headers = ownHeaders(asked, options);
  if (!headers.has("Content-Type")) headers.set("Content-Type", "application/json; charset=utf-8");
  return new Response(JSON.stringify(body), { status, headers });
}

export function textAnswer(asked: Asked, status: number, body: string, options: AnswerOptions = {}): Response {
  const headers = ownHeaders(asked, options);
  headers.set("Content-Type", "text/plain; charset=utf-8");
  return new Response(body, { status, headers });
}

export function emptyAnswer(asked: Asked, options: AnswerOptions = {}): Response {
  return new Response(null, { status: 204, headers: ownHeaders(asked, options) });
}

/** `location` is ours or WeChat's, never a visitor's input as it came. */
export function redirectAnswer(
  asked: Asked,
  status: 302 | 303 | 308,
  location: string,
  options: AnswerOptions = {},
): Response {
  const headers = ownHeaders(asked, options);
  headers.set("Location", location);
  return new Response(null, { status, headers });
}

/** A page for people, JSON for programs; the code and the request id, nothing else. */
export async function failureAnswer(
  asked: Asked,
  code: FailureCode,
  page?: Page,
  options: AnswerOptions = {},
): Promise<Response> {
  const { status } = failureFacts(code);
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
