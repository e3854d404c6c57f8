/** The demo origin under Node, on loopback: `node demo/server.ts [--port 8789]`. */

import { createRequire } from "node:module";
import { parseArgs } from "node:util";
import { serve, upgradeWebSocket } from "@hono/node-server";
import { createOrigin } from "./origin.ts";

type Serve = Parameters<typeof serve>[0];
type WebSocketServer = NonNullable<Serve["websocket"]>["server"];
type Ws = { WebSocketServer: new (options: { noServer: true }) => WebSocketServer };

const DEFAULT_PORT = "8789";

const { values } = parseArgs({ options: { port: { type: "string", default: DEFAULT_PORT } } });

// Through require: ws brings no types of its own, and @types/ws would serve this line only.
const ws: Ws = createRequire(import.meta.url)("ws");

const echo = upgradeWebSocket((c) => ({
  onOpen: (_event, socket) => socket.send(JSON.stringify({ openid: c.req.header("x-wx-openid") ?? null })),
  onMessage: (event, socket) => {
    if (typeof event.data === "string" || event.data instanceof ArrayBuffer) socket.send(event.data);
  },
}));

const server = serve(
  {
    fetch: createOrigin({ webSocket: echo }).fetch,
    port: Number(values.port),
    hostname: "127.0.0.1",
    websocket: { server: new ws.WebSocketServer({ noServer: true }) },
  },
  ({ port }) => console.log(`demo origin: http://localhost:${port}`),
);
server.on("error", (error) => {
  console.error(`demo origin: ${error.message} (--port changes the port)`);
  process.exit(1);
});

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(0));
// Started by start.ts: do not outlive it, however it ends.
process.on("disconnect", () => process.exit(0));
