/** A site that knows nothing of WeChat: it reads headers. Web-standard APIs only, so that tests can import it. */

import { Hono, type MiddlewareHandler } from "hono";
import { streamText } from "hono/streaming";
import { requestPage } from "./page.ts";
import { rangeFile } from "./range-file.ts";
import { headersOf, identityOf } from "./request-view.ts";

const STREAM_CHUNKS = 8;
const STREAM_PAUSE_MS = 250;

type OriginOptions = {
  /** Upgrades `/ws`; the runtime's own, because the web standard has none. */
  webSocket?: MiddlewareHandler;
};

/** The demo site. */
export function createOrigin(options: OriginOptions = {}): Hono {
  const app = new Hono();
  if (options.webSocket !== undefined) app.get("/ws", options.webSocket);

  app.all("/echo", async (c) => {
    const { method, path, query } = lineOf(c.req.raw);
    return c.json({ method, path, query, headers: headersOf(c.req.raw), body: await c.req.text() });
  });
  app.get("/redirect", (c) => c.redirect("/?redirected=1", 302));
  app.get("/cookies", (c) => {
    c.header("set-cookie", "demo_first=1; Path=/; HttpOnly; SameSite=Lax", { append: true });
    c.header("set-cookie", "demo_second=2; Path=/; Max-Age=3600; SameSite=Lax", { append: true });
    return c.text("two cookies\n");
  });
  app.get("/stream", (c) =>
    streamText(c, async (stream) => {
      for (let chunk = 1; chunk <= STREAM_CHUNKS; chunk += 1) {
        await stream.writeln(`chunk ${chunk} of ${STREAM_CHUNKS}`);
        await stream.sleep(STREAM_PAUSE_MS);
      }
    }),
  );
  app.on(["GET", "HEAD"], "/range", (c) => rangeFile(c.req.raw));
  app.all("*", (c) => {
    if (!/\bapplication\/json\b/.test(c.req.header("accept") ?? "")) return c.html(requestPage(c.req.raw));
    const headers = headersOf(c.req.raw);
    return c.json({ ...lineOf(c.req.raw), identity: identityOf(c.req.raw), headers });
  });
  return app;
}

function lineOf(request: Request): { method: string; path: string; query: string } {
  const url = new URL(request.url);
  return { method: request.method, path: url.pathname, query: url.search };
}
