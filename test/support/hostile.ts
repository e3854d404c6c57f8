/** What attackers send, as generators and helpers that several suites share. */

/**
 * A request whose `url` stays as given. The constructor makes crooked URLs straight; the runtime, handing over a real
 * request, does not (reference 1.5b).
 */
export function rawRequest(url: string, init: RequestInit = {}): Request {
  const request = new Request("https://shop.example.com/", { redirect: "manual", ...init });
  Object.defineProperty(request, "url", { value: url });
  return request;
}

/** A request whose method stays as given: the constructor corrects its case, and refuses some. */
export function rawMethod(method: string, url = "https://shop.example.com/", init: RequestInit = {}): Request {
  const request = rawRequest(url, init);
  Object.defineProperty(request, "method", { value: method });
  return request;
}

/** Every spelling of a dot segment `..` that some server has taken for one. */
export const DOT_SEGMENTS = [
  "..",
  ".",
  "%2e%2e",
  "%2E%2E",
  "%2e.",
  ".%2e",
  "%2E",
  "..;",
  "..;x=y",
  "..%3b",
  "..%3Bx",
  "%2e%2e;",
  ".;",
  "%252e%252e",
  "%25252e%25252e",
  "%252e.",
  ".%252E",
  "%25%32%65%25%32%65",
  "..%20",
  "%20..",
  "..%2520",
  "..%253b",
  "%EF%BC%8E%EF%BC%8E",
  "%ef%bc%8e.",
  "．．",
  "%E2%80%A4%E2%80%A4",
  "%E2%80%A5",
  "‥",
  "%EF%B9%92%EF%B9%92",
  "%25EF%25BC%258E%25EF%25BC%258E",
  "..%C2%A0",
  "..%E3%80%80",
] as const;

/** Slashes and backslashes between two names, in every spelling that some server has taken for one. */
export const SLASHES = ["%2f", "%2F", "%252f", "%25252F", "%25%32%66"] as const;
export const BACKSLASHES = [
  "\\",
  "%5c",
  "%5C",
  "%255c",
  "%25255C",
  "%EF%BC%BC",
  "＼",
  "%EF%B9%A8",
  "%25EF%25BC%25BC",
] as const;

/** Bytes that are no UTF-8, overlong forms, control bytes, IIS's own encoding, escapes that encode nothing. */
export const BROKEN_BYTES = [
  "%00",
  "%0a",
  "%0D%0A",
  "%09",
  "%1b",
  "%7f",
  "%2500",
  "%250a",
  "%c0%af",
  "%C0%AE",
  "%c0%ae%c0%ae",
  "%e0%80%af",
  "%F0%80%80%AF",
  "%f8%80%80%80%af",
  "%C1%9C",
  "%ff",
  "%FE",
  "%80",
  "%e4%b8",
  "%ED%A0%80",
  "%25c0%25af",
  "%25ff",
  "%u002e",
  "%u2215",
  "%",
  "%2",
  "%zz",
  "%%32%65",
  "\u0000",
  "\u0007",
  "\u001b[31m",
  "\u007f",
  "\ufffd",
  "\ud800",
  " ",
  "\t",
  "\r\n",
  "#",
  "#/../admin",
] as const;

/** Ways to write `/_wx/…` that some server would read as ours. */
export const DISGUISED_OWN_PATHS = [
  "/_WX/me",
  "/_Wx/me",
  "/_wX/callback",
  "/%5Fwx/me",
  "/%5fwx/me",
  "/_%77x/me",
  "/_w%58/me",
  "/%5f%77%78/me",
  "/_wx%2fme",
  "/_wx%2Fme",
  "/_wx%252fme",
  "/_wx;/me",
  "/_wx;x=y/me",
  "/_wx%3b/me",
  "/_wx%253bx/me",
  "//_wx/me",
  "///_wx/me",
  "/%2f_wx/me",
  "/%2F/_wx/me",
  "/;/_wx/me",
  "/;x/_wx/me",
  "/;%252fa/_wx/me",
  "/%20/_wx/me",
  "/_wx%20/me",
  "/%20_wx/me",
  "/_wx//me",
  "/_wx/me;x",
  "/_wx/%6de",
  "/_wx/%6De",
  "/%255fwx/me",
  "/%25255Fwx/me",
  "/_%2577x/me",
  "/%25%35%66wx/me",
  "/＿wx/me",
  "/%EF%BC%BFwx/me",
  "/_ｗｘ/me",
  "/_%EF%BD%97%EF%BD%98/me",
  "/%EF%BC%8F_wx/me",
  "/_wx%EF%BC%8Fme",
  "/_wx%EF%BC%9Bx/me",
  "/_wx\\me",
  "/\\_wx/me",
  "/_wx%5cme",
  "/./_wx/me",
  "/a/../_wx/me",
  "/a/%2e%2e/_wx/me",
  "/a/..;/_wx/me",
  "/_wx/../_wx/me",
  "/_wx/./me",
  "/_wx%00/me",
  "/_wx#/me",
] as const;
