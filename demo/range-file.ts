/** A file that knows Range, ETag and 304: whether a gateway keeps them is soon seen. */

const LINE = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-\n";
const LINES = 1_024;
const CONTENT = new TextEncoder().encode(LINE.repeat(LINES));
const ETAG = '"wxgate-demo-64k"';

/** Answers GET and HEAD, whole or one range. */
export function rangeFile(request: Request): Response {
  const headers = new Headers({
    "content-type": "text/plain; charset=utf-8",
    "accept-ranges": "bytes",
    etag: ETAG,
    "cache-control": "private, no-cache",
  });
  const known = request.headers.get("if-none-match")?.split(/\s*,\s*/) ?? [];
  if (known.includes(ETAG) || known.includes(`W/${ETAG}`)) return new Response(null, { status: 304, headers });

  const ifRange = request.headers.get("if-range");
  const range = ifRange === null || ifRange === ETAG ? parseRange(request.headers.get("range")) : "whole";
  if (range === "whole") {
    // A HEAD's answer has no body to take the length from.
    headers.set("content-length", String(CONTENT.length));
    return new Response(CONTENT, { headers });
  }
  if (range === "outside") {
    headers.set("content-range", `bytes */${CONTENT.length}`);
    return new Response(null, { status: 416, headers });
  }
  headers.set("content-range", `bytes ${range.first}-${range.last}/${CONTENT.length}`);
  return new Response(CONTENT.slice(range.first, range.last + 1), { status: 206, headers });
}

/** One range only; several, or anything else, are answered with the whole file, as the RFC allows. */
function parseRange(header: string | null): "whole" | "outside" | { first: number; last: number } {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? "");
  if (match === null) return "whole";
  const [, from = "", to = ""] = match;
  if (from === "" && to === "") return "whole";
  const end = CONTENT.length - 1;
  if (from === "") return Number(to) === 0 ? "outside" : { first: Math.max(0, CONTENT.length - Number(to)), last: end };
  const first = Number(from);
  const last = to === "" ? end : Math.min(Number(to), end);
  if (first > end) return "outside";
  return first > last ? "whole" : { first, last };
}
