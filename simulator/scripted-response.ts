/** Plays the parts of a scripted answer that every endpoint shares: waiting, and a body of one's own. */

import type { Fault } from "./faults.ts";

const HANG_LIMIT_MS = 60_000;
const GATEWAY_ERROR = "<html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>";

/** Waits as scripted, at most until the client gives up. A hang that nobody ends becomes a 504. */
export async function waitAsScripted(fault: Fault | null, signal: AbortSignal): Promise<Response | null> {
  if (fault?.hang === true) {
    await pause(HANG_LIMIT_MS, signal);
    return new Response("hung as scripted", { status: 504 });
  }
  if (fault?.delay_ms !== undefined) await pause(fault.delay_ms, signal);
  return null;
}

/** The scripted body, if the script has one of its own. */
export function ownBody(fault: Fault | null): Response | null {
  if (fault === null) return null;
  const { status = 200 } = fault;
  if (fault.bytes !== undefined) {
    const bytes = Uint8Array.from(atob(fault.bytes), (character) => character.charCodeAt(0));
    return new Response(bytes, { status, headers: { "content-type": "text/plain" } });
  }
  if (fault.body !== undefined) {
    return new Response(fault.body, { status, headers: { "content-type": "text/plain" } });
  }
  if (fault.html === true) {
    return new Response(GATEWAY_ERROR, { status, headers: { "content-type": "text/html; charset=utf-8" } });
  }
  return null;
}

/** The answer with the scripted status and headers. */
export function dressAsScripted(response: Response, fault: Fault | null): Response {
  if (fault?.status === undefined && fault?.headers === undefined) return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(fault.headers ?? {})) headers.set(name, value);
  return new Response(response.body, { status: fault.status ?? response.status, headers });
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    if (signal.aborted) done();
    else signal.addEventListener("abort", done);
  });
}
